import { isApiError } from '@sluice/cluster'
import { ReconcileFailure } from '@sluice/runtime'
import {
  bucketDefinition,
  conditionTypes,
  decodeBucket,
  decodeGitRepository,
  decodeHelmRepository,
  gitRepositoryDefinition,
  type HelmChart,
  helmRepositoryDefinition,
  type KindDefinition,
  resourceOf,
  sourceReasons,
} from '@sluice/toolkit'
import type { ChartStep, ChartWork, SourceCandidate } from './chart-work.ts'

type SourceKind = HelmChart['spec']['sourceRef']['kind']

/** The kinds that charts come from. */
export const chartSourceKinds: Readonly<
  Record<
    SourceKind,
    { readonly definition: KindDefinition; readonly decode: (value: unknown) => SourceCandidate }
  >
> = {
  HelmRepository: { definition: helmRepositoryDefinition, decode: decodeHelmRepository },
  GitRepository: { definition: gitRepositoryDefinition, decode: decodeGitRepository },
  Bucket: { definition: bucketDefinition, decode: decodeBucket },
}

const { fetchFailed } = conditionTypes
const { noSourceArtifact, sourceUnavailable } = sourceReasons

/** Finds the source and what it serves. */
export const findSource: ChartStep = async (work) => {
  const { run, deps } = work
  const { kind, name } = run.object.spec.sourceRef
  const object = await readSource(work)
  const artifact = object.status?.artifact
  const isThere = artifact !== undefined && (await deps.store.has({ ...artifact, size: artifact.size ?? 0 }))
  const repository = kind === 'HelmRepository' ? decodeHelmRepository(object) : undefined
  if (!isThere && repository?.spec.type !== 'oci') {
    const message = `no artifact available for ${kind} source '${name}'`
    run.conditions.markTrue(fetchFailed, noSourceArtifact, message)
    run.event({ type: 'Trace', reason: noSourceArtifact, message })
    return { kind: 'requeue' }
  }
  if (artifact) run.status.observedSourceArtifactRevision = artifact.revision
  if (repository) work.source = { kind: 'HelmRepository', repository, artifact }
  else if (artifact && kind !== 'HelmRepository') work.source = { kind, artifact }
  return undefined
}

async function readSource({ run, deps }: ChartWork): Promise<SourceCandidate> {
  const { kind, name } = run.object.spec.sourceRef
  const { definition, decode } = chartSourceKinds[kind]
  const resource = resourceOf(definition)
  try {
    return decode(await deps.cluster.get(resource, { namespace: run.key.namespace, name }, run))
  } catch (cause) {
    const isMissing = isApiError(cause, 'NotFound')
    // What is read from a cache is named by its kind, not by the word in the URL.
    const message = isMissing
      ? `failed to get source: ${resource.kind}.${resource.group} "${name}" not found`
      : 'failed to get source'
    const options = isMissing ? {} : { cause }
    throw new ReconcileFailure(sourceUnavailable, message, { condition: fetchFailed, ...options })
  }
}
