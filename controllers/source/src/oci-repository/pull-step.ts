import type { OciDescriptor, OciManifest, OciRepositoryClient } from '@sluice/oci'
import { errorChain, ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, messages, type OciRepository, reasons, sourceReasons } from '@sluice/toolkit'
import type { OciStep, OciWork } from './oci-work.ts'
import { digestProblem } from './repository-url.ts'
import { selectTag } from './select-tag.ts'

const condition = conditionTypes.fetchFailed
const { readOperationFailed, ociArtifactPullFailed, ociArtifactLayerOperationFailed } = sourceReasons
/** A layer is held in memory until it is unpacked. */
const maxLayerBytes = 512 * 1024 ** 2

/** Finds out which digest the reference stands for. */
export const resolveRevision: OciStep = async (work) => {
  const { run } = work
  const { ref = {}, url } = run.object.spec
  const client = clientOf(work)
  const problem = ref.digest ? digestProblem(ref.digest) : undefined
  if (problem !== undefined) {
    const message = `failed to determine artifact digest: ${problem}`
    throw new ReconcileFailure(ociArtifactPullFailed, message, { condition })
  }
  const tag = ref.digest ? undefined : await tagOf(work)
  work.digest =
    tag === undefined
      ? (ref.digest ?? '')
      : await explain(ociArtifactPullFailed, 'failed to determine artifact digest', () => client.resolve(tag))
  work.revision = tag === undefined ? work.digest : `${tag}@${work.digest}`
  if (run.status.artifact?.revision === work.revision) return undefined
  const place = url.replace(/^oci:\/\//, '')
  const name = tag === undefined ? `${place}@${work.digest}` : `${place}:${tag}`
  const message = `new revision '${work.revision}' for '${name}'`
  if (run.status.artifact) {
    run.conditions.markTrue(conditionTypes.artifactOutdated, sourceReasons.newRevision, message)
  }
  run.conditions.progress(reasons.progressing, `${messages.buildingArtifact}: ${message}`, { drift: true })
  await run.saveStatus()
  return undefined
}

/** Fetches the manifest and the layer that is selected, unless they are stored already. */
export const pull: OciStep = async (work) => {
  const { run, digest } = work
  if (!isUpToDate(work)) {
    const client = clientOf(work)
    const { url } = run.object.spec
    const manifest = await explain(ociArtifactPullFailed, `failed to pull artifact from '${url}'`, () =>
      pullImage(client, digest, `${url.replace(/^oci:\/\//, '')}@${digest}`),
    )
    work.manifest = manifest
    const layer = selectLayer(manifest.layers, run.object)
    work.layer = await explain(
      ociArtifactLayerOperationFailed,
      'failed to extract the first layer from artifact',
      () => client.pullBlob(layer, maxLayerBytes),
    )
  }
  run.conditions.remove(condition)
  return undefined
}

/** Whether what is stored is what the reference stands for, made the same way. */
export function isUpToDate({ run, revision }: OciWork): boolean {
  const { spec, status } = run.object
  const [selector, observed] = [spec.layerSelector, status?.observedLayerSelector]
  return (
    run.status.artifact?.revision === revision &&
    spec.ignore === status?.observedIgnore &&
    selector?.mediaType === observed?.mediaType &&
    selector?.operation === observed?.operation
  )
}

/** Indexes within indexes. */
const maxIndexDepth = 4

/** A manifest, or of an index the one for the platform that go-containerregistry looks for. */
async function pullImage(
  client: OciRepositoryClient,
  digest: string,
  name: string,
  depth = 0,
): Promise<OciManifest> {
  const pulled = await client.pullManifest(digest)
  if (pulled.kind === 'manifest') return pulled.manifest
  const child = pulled.index.manifests.find(({ platform }) => {
    const { os, architecture } = platform ?? { os: 'linux', architecture: 'amd64' }
    return os === 'linux' && architecture === 'amd64'
  })
  if (child && depth < maxIndexDepth) return pullImage(client, child.digest, name, depth + 1)
  throw new ToolkitError('OCI_PLATFORM', `no child with platform linux/amd64 in index ${name}`)
}

async function tagOf(work: OciWork): Promise<string> {
  const { ref = {}, url, layerSelector } = work.run.object.spec
  const { semver, semverFilter } = ref
  if (!semver) return ref.tag || 'latest'
  const client = clientOf(work)
  const message = `failed to determine the artifact tag for '${url}'`
  return explain(readOperationFailed, message, async () =>
    selectTag(await client.listTags(), { semver, semverFilter, mediaType: layerSelector?.mediaType }),
  )
}

function selectLayer(layers: readonly OciDescriptor[], { spec }: OciRepository): OciDescriptor {
  const mediaType = spec.layerSelector?.mediaType ?? ''
  const layer = mediaType === '' ? layers[0] : layers.find((it) => it.mediaType === mediaType)
  if (layer) return layer
  const message =
    layers.length === 0
      ? 'no layers found in artifact'
      : `failed to find layer with media type '${mediaType}' in artifact`
  throw new ReconcileFailure(ociArtifactLayerOperationFailed, message, { condition })
}

export function clientOf({ client }: OciWork): NonNullable<OciWork['client']> {
  if (!client) throw new TypeError('the registry is configured before it is used')
  return client
}

async function explain<T>(reason: string, message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ReconcileFailure(reason, `${message}: ${errorChain(cause)}`, { condition })
  }
}
