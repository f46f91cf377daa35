import type { ObjectKey, Resource } from '@sluice/cluster'
import {
  type Artifact,
  externalArtifactDefinition,
  findCondition,
  type HelmRelease,
  helmChartDefinition,
  ociRepositoryDefinition,
  resourceOf,
  type SourceStatus,
  type ToolkitObject,
} from '@sluice/toolkit'

/** Kinds that a chart may come from. */
export type ChartSourceKind = 'HelmChart' | 'OCIRepository' | 'ExternalArtifact'

/** Where a HelmRelease's chart comes from. */
export type ChartReference = {
  readonly kind: ChartSourceKind
  readonly key: ObjectKey & { readonly namespace: string }
}

/** A chart that can be fetched. */
export type ChartSource = ChartReference & { readonly artifact: Artifact }

/** An object that offers a chart. */
export type ChartOffer = ToolkitObject & { readonly status?: SourceStatus }

/** Kinds that a chart may come from, as resources. */
export const chartSourceKinds: Readonly<Record<ChartSourceKind, Resource>> = {
  HelmChart: resourceOf(helmChartDefinition),
  OCIRepository: resourceOf(ociRepositoryDefinition),
  ExternalArtifact: resourceOf(externalArtifactDefinition),
}

/** What a HelmRelease names as the source of its chart, or makes as such. */
export function chartReference({ spec, metadata }: HelmRelease): ChartReference | undefined {
  const { chart, chartRef } = spec
  const own = metadata.namespace ?? ''
  if (chart && !chartRef) {
    const key = { namespace: chart.spec.sourceRef.namespace || own, name: `${own}-${metadata.name}` }
    return { kind: 'HelmChart', key }
  }
  if (!chartRef || chart || !isSourceKind(chartRef.kind)) return undefined
  return { kind: chartRef.kind, key: { namespace: chartRef.namespace || own, name: chartRef.name } }
}

/**
 * Why a source's chart cannot be used yet; nothing when it can.
 *
 * Source: helm-controller of Flux 2.9.
 */
export function unreadiness(
  { kind, key }: ChartReference,
  { metadata, status }: ChartOffer,
): string | undefined {
  const why = reasonOfUnreadiness(kind, { generation: metadata.generation, status })
  return why && `${kind} '${key.namespace}/${key.name}' is not ready: ${why}`
}

function reasonOfUnreadiness(
  kind: ChartSourceKind,
  {
    generation,
    status,
  }: { readonly generation: number | undefined; readonly status: SourceStatus | undefined },
): string | undefined {
  const missing = status?.artifact ? undefined : 'does not have an artifact'
  // Whoever makes ExternalArtifacts says nothing of generations.
  if (kind === 'ExternalArtifact') return missing
  const conditions = status?.conditions ?? []
  if (generation !== status?.observedGeneration) {
    const ready = findCondition(conditions, 'Ready')
    return ready?.status === 'False' ? ready.message : 'latest generation of object has not been reconciled'
  }
  const stalled = findCondition(conditions, 'Stalled')
  return stalled?.status === 'True' ? stalled.message : missing
}

function isSourceKind(kind: string): kind is ChartSourceKind {
  return Object.hasOwn(chartSourceKinds, kind)
}
