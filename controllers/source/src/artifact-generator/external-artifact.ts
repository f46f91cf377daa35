import { isApiError } from '@sluice/cluster'
import type { Run } from '@sluice/runtime'
import {
  type Artifact,
  type ArtifactGenerator,
  decodeExternalArtifact,
  type ExternalArtifact,
  externalArtifactDefinition,
  fieldManagers,
  labels,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import type { ArtifactGeneratorDeps, GeneratorWork, InventoryEntry } from './generator-work.ts'
import type { ArtifactRequest } from './path-pattern.ts'

const kind = 'ExternalArtifact'
const resource = resourceOf(externalArtifactDefinition)

/** Lets the cluster know of an artifact. Nothing is written when it knows. */
export async function publishArtifact(
  { run, deps }: GeneratorWork,
  { name, labels: captures }: ArtifactRequest,
  artifact: Artifact,
): Promise<void> {
  const options = { fieldManager: fieldManagers.sourceWatcher, force: true, signal: run.signal }
  const applied = decodeExternalArtifact(
    await deps.cluster.apply(resource, describe(run.object, name, captures), options),
  )
  if (isPublished(applied, artifact)) return
  const { apiVersion, metadata } = applied
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: reasons.succeeded,
    message: 'Artifact is ready',
    lastTransitionTime: artifact.lastUpdateTime,
    observedGeneration: metadata.generation ?? 0,
  }
  const status = {
    apiVersion,
    kind,
    metadata: { name, namespace: run.key.namespace },
    status: { artifact, conditions: [ready] },
  }
  await deps.cluster.apply(resource, status, { ...options, subresource: 'status' })
}

/** What an ExternalArtifact in the cluster serves. */
export async function publishedArtifact(
  { run, deps }: GeneratorWork,
  name: string,
): Promise<Artifact | undefined> {
  try {
    const found = await deps.cluster.get(resource, { namespace: run.key.namespace, name }, run)
    return decodeExternalArtifact(found).status?.artifact
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

/** Removes artifacts from store and cluster. What fails is tried no more: nothing refers to them afterwards. */
export async function withdrawArtifacts(
  run: Run<ArtifactGenerator>,
  deps: ArtifactGeneratorDeps,
  entries: readonly InventoryEntry[],
): Promise<void> {
  for (const { name, namespace } of entries) {
    try {
      await deps.store.removeAll({ kind, namespace, name })
      await deps.cluster.delete(resource, { namespace, name }, run)
    } catch (error) {
      if (isApiError(error, 'NotFound')) continue
      run.log.error(error, 'failed to delete ExternalArtifact', { artifact: name })
    }
  }
}

function describe(
  { apiVersion, metadata, spec }: ArtifactGenerator,
  name: string,
  captures: Readonly<Record<string, string>>,
): ExternalArtifact {
  const { annotations = {}, labels: ownLabels = {} } = spec.commonMetadata ?? {}
  return {
    apiVersion: `${resource.group}/${resource.version}`,
    kind,
    metadata: {
      name,
      namespace: metadata.namespace ?? '',
      labels: {
        ...ownLabels,
        ...captures,
        [labels.managedBy]: fieldManagers.sourceWatcher,
        [labels.generator]: metadata.uid ?? '',
      },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      sourceRef: {
        apiVersion,
        kind: 'ArtifactGenerator',
        name: metadata.name ?? '',
        namespace: metadata.namespace ?? '',
      },
    },
  }
}

function isPublished({ status, metadata }: ExternalArtifact, artifact: Artifact): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return (
    ready?.status === 'True' &&
    ready.observedGeneration === (metadata.generation ?? 0) &&
    status?.artifact !== undefined &&
    isSameArtifact(status.artifact, artifact) &&
    status.artifact.lastUpdateTime === artifact.lastUpdateTime
  )
}

/** Whether two are the same but for the time at which they were made. */
export function isSameArtifact(a: Artifact, b: Artifact): boolean {
  return (
    a.path === b.path &&
    a.url === b.url &&
    a.revision === b.revision &&
    a.digest === b.digest &&
    JSON.stringify(a.metadata ?? {}) === JSON.stringify(b.metadata ?? {})
  )
}
