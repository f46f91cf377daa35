import { createHash } from 'node:crypto'
import type { ArtifactOwner, Blob, BlobStore, NamedBlob } from '@sluice/artifact'
import { isOciTag, mediaTypes, OciError, type OciPulled, type OciRepositoryClient } from '@sluice/oci'
import { BlobError } from './blob-error.ts'

const contentType = 'application/vnd.sluice.artifact.content.v1'
const configType = 'application/vnd.sluice.artifact.config.v1+json'
const titleKey = 'org.opencontainers.image.title'
const createdKey = 'org.opencontainers.image.created'
const digestKey = 'dev.sluice.artifact.digest'
const goneKey = 'dev.sluice.artifact.gone'
const maxRepositoryLength = 255
/** Tags of one owner; a registry that has more is not ours. */
const maxTags = 10_000

/**
 * Blobs in a registry: for each owner a repository, for each name a tag. The manifest under a tag holds what is known of
 * the file, and its content is a layer; moving the tag is the one step in which a name changes. What no tag stands for any
 * more is for the registry to collect.
 *
 * @param open gives a repository with credentials that are good now.
 * @param root the repository below which those of owners are.
 */
export function registryBlobs(
  open: (repository: string) => Promise<OciRepositoryClient>,
  root: string,
): BlobStore {
  const repositoryOf = (owner: ArtifactOwner): Promise<OciRepositoryClient> =>
    open(repositoryName(root, owner))

  return {
    find: async (place) => {
      const pulled = await pullIfThere(await repositoryOf(place), tagOf(place.fileName))
      return pulled && decodeManifest(pulled)
    },
    list: async (owner) => listNames(await repositoryOf(owner)),
    fetch: async (owner, blob) => {
      const client = await repositoryOf(owner)
      const pulled = await pullIfThere(client, tagOf(blob.fileName))
      const layer = pulled?.kind === 'manifest' ? pulled.manifest.layers[0] : undefined
      if (layer) return client.pullBlob(layer, blob.size)
      throw new BlobError('BLOB_INVALID', `the content of '${blob.fileName}' is missing`)
    },
    put: async (owner, blob, content) => {
      const client = await repositoryOf(owner)
      const layers = [
        { mediaType: contentType, size: content.length, digest: await client.pushBlob(content) },
      ]
      await pushManifest(client, tagOf(blob.fileName), { layers, annotations: annotationsOf(blob) })
    },
    link: async (owner, name, blob) => {
      const client = await repositoryOf(owner)
      const { bytes, mediaType } = await client.pullManifest(tagOf(blob.fileName))
      await client.pushManifest(tagOf(name), bytes, mediaType || mediaTypes.manifest)
    },
    remove: async (owner, name) => removeTag(await repositoryOf(owner), tagOf(name)),
    removeUnused: () => Promise.resolve(),
    removeAll: async (owner) => {
      const client = await repositoryOf(owner)
      const names = await listNames(client)
      // One after the other: two tags may have one manifest.
      for (const { name } of names) await removeTag(client, tagOf(name))
      return names.length > 0
    },
  }
}

/** Names of objects are parts of repositories; those that are too long for one go by their digest. */
function repositoryName(root: string, { kind, namespace, name }: ArtifactOwner): string {
  const plain = [root, kind, namespace, name].join('/')
  return plain.length <= maxRepositoryLength ? plain : [root, kind, sha256(`${namespace}/${name}`)].join('/')
}

/** A file's name where it can be a tag, else its digest. */
function tagOf(name: string): string {
  return isOciTag(name) ? name : `sha256-${sha256(name)}`
}

async function listNames(client: OciRepositoryClient): Promise<readonly NamedBlob[]> {
  const tags = await tagsOf(client)
  if (tags.length > maxTags) throw new BlobError('BLOB_INVALID', `more than ${maxTags} tags of one owner`)
  const named = await Promise.all(
    tags.map(async (tag) => {
      const pulled = await pullIfThere(client, tag)
      const blob = pulled && decodeManifest(pulled)
      return blob && { name: tagOf(blob.fileName) === tag ? blob.fileName : tag, blob }
    }),
  )
  return named.filter((it) => it !== undefined)
}

async function tagsOf(client: OciRepositoryClient): Promise<readonly string[]> {
  try {
    return await client.listTags()
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return []
    throw error
  }
}

async function pullIfThere(client: OciRepositoryClient, tag: string): Promise<OciPulled | undefined> {
  try {
    return await client.pullManifest(tag)
  } catch (error) {
    if (error instanceof OciError && error.code === 'OCI_NOT_FOUND') return undefined
    throw error
  }
}

/** Registries that delete nothing get a manifest that says so. */
async function removeTag(client: OciRepositoryClient, tag: string): Promise<void> {
  const pulled = await pullIfThere(client, tag)
  if (!pulled) return
  try {
    await client.deleteManifest(pulled.digest)
  } catch (error) {
    if (!(error instanceof OciError)) throw error
    if (error.code === 'OCI_NOT_FOUND') return
    if (error.status !== 400 && error.status !== 405) throw error
    await pushManifest(client, tag, { layers: [], annotations: { [goneKey]: 'true' } })
  }
}

type ManifestParts = {
  readonly layers: readonly object[]
  readonly annotations: Readonly<Record<string, string>>
}

async function pushManifest(
  client: OciRepositoryClient,
  tag: string,
  { layers, annotations }: ManifestParts,
): Promise<void> {
  const empty = new TextEncoder().encode('{}')
  const config = { mediaType: configType, size: empty.length, digest: await client.pushBlob(empty) }
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers, annotations }
  const bytes = new TextEncoder().encode(JSON.stringify(manifest))
  await client.pushManifest(tag, bytes, mediaTypes.manifest)
}

function annotationsOf({ fileName, digest, modifiedMs }: Blob): Readonly<Record<string, string>> {
  return {
    [titleKey]: fileName,
    [createdKey]: new Date(modifiedMs).toISOString(),
    [digestKey]: digest,
  }
}

/** Nothing for what was removed. */
function decodeManifest(pulled: OciPulled): Blob | undefined {
  if (pulled.kind === 'manifest') {
    const { annotations, layers } = pulled.manifest
    if (annotations[goneKey] === 'true') return undefined
    const [fileName, digest] = [annotations[titleKey], annotations[digestKey]]
    const modifiedMs = Date.parse(annotations[createdKey] ?? '')
    const [layer] = layers
    if (layer && fileName !== undefined && digest !== undefined && !Number.isNaN(modifiedMs)) {
      return { fileName, digest, size: layer.size, modifiedMs }
    }
  }
  throw new BlobError('BLOB_INVALID', 'a manifest in the registry is none of an artifact')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
