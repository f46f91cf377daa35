import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packTree } from '@sluice/artifact'
import { diskFileTree } from '@sluice/host'
import { type OciRepositoryClient, parseOciReference, pushArtifact } from '@sluice/oci'
import { memoryFileTree } from '@sluice/ports'

/** A repository that examples name: host and path, what it holds, and under which tags. */
export type RegistryContent = {
  readonly repository: string
  readonly tags: readonly string[]
  /** Directory of the artifact's files; every tag is an image without files when absent. */
  readonly files?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const imageConfigType = 'application/vnd.oci.image.config.v1+json'
const imageLayerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** Reads `content.json` of a directory. */
export function readRegistryContent(directory: string): readonly RegistryContent[] {
  const listed = JSON.parse(
    readFileSync(join(directory, 'content.json'), 'utf8'),
  ) as readonly RegistryContent[]
  return listed.map((it) => (it.files === undefined ? it : { ...it, files: join(directory, it.files) }))
}

/**
 * Where requests for these repositories begin, such as `ghcr.io/v2/stefanprodan/manifests/podinfo`: keys for
 * {@link mirroredHttp}.
 */
export function registryPlaces(content: readonly RegistryContent[]): readonly string[] {
  return content.map((it) => {
    const { registry, repository } = parseOciReference(it.repository)
    return `${registry}/v2/${repository}`
  })
}

/** Pushes what a registry lacks: repositories that it has are left as they are. */
export async function fillRegistry(
  content: readonly RegistryContent[],
  open: (repository: string) => OciRepositoryClient,
  known: (repository: string) => Promise<boolean>,
): Promise<void> {
  for (const it of content) {
    const { repository } = parseOciReference(it.repository)
    if (await known(repository)) continue
    const client = open(repository)
    for (const tag of it.tags) await push(client, tag, it)
  }
}

async function push(
  client: OciRepositoryClient,
  tag: string,
  { files, annotations }: RegistryContent,
): Promise<void> {
  const about = annotations ? { annotations } : {}
  if (files !== undefined) {
    await pushArtifact(client, tag, { content: await packTree(diskFileTree(files)), ...about })
    return
  }
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Labels: { tag } },
    rootfs: { type: 'layers' },
  }
  await pushArtifact(client, tag, {
    content: await packTree(memoryFileTree([])),
    layerMediaType: imageLayerType,
    configMediaType: imageConfigType,
    config: new TextEncoder().encode(JSON.stringify(config)),
    ...about,
  })
}
