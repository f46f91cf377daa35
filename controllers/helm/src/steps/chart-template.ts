import {
  applyAll,
  type CacheSet,
  type Cluster,
  hasChanged,
  isApiError,
  type ObjectKey,
} from '@sluice/cluster'
import { helmChartFor } from '@sluice/delivery'
import { errorChain, type KubeObject, ToolkitError } from '@sluice/ports'
import type { Outcome, Run } from '@sluice/runtime'
import { fieldManagers, type HelmRelease, reasons } from '@sluice/toolkit'
import { chartSourceKinds } from '../charts/chart-source.ts'
import type { HelmParts } from '../deps.ts'
import { helmReasons } from '../reasons.ts'
import { type HelmStep, stalled, type Work } from '../work.ts'

const { HelmChart: helmCharts } = chartSourceKinds

/** The HelmChart of a HelmRelease cannot be written. */
export class ChartTemplateError extends ToolkitError {
  override readonly name = 'ChartTemplateError'

  constructor(message: string, options?: ErrorOptions) {
    super('CHART_TEMPLATE', message, options)
  }
}

/** Makes the HelmChart that the template describes, and removes one that it no longer does. */
export const applyChartTemplate: HelmStep = async (work) => {
  const { run, object, deps } = work
  const chart = helmChartFor(object)
  const place = chart && `${chart.metadata.namespace}/${chart.metadata.name}`
  if (run.status.helmChart && run.status.helmChart !== place) await deleteChart(run, deps)
  if (!chart) return undefined
  const refusal = refuse(work, 'HelmChart', { ...chart.metadata, name: chart.metadata.name ?? '' })
  if (refusal) return refusal
  await applyChart(work, chart)
  run.status.helmChart = place
  return undefined
}

/** Stops at references into other namespaces where they are not allowed. */
export function refuse(work: Work, kind: string, { namespace = '', name }: ObjectKey): Outcome | undefined {
  const { run, object, deps } = work
  if (!deps.options?.noCrossNamespaceRefs || namespace === object.metadata.namespace) return undefined
  const message = `cross-namespace references are not allowed: cannot access ${kind} ${namespace}/${name}`
  run.event({ type: 'Warning', reason: reasons.accessDenied, message })
  return stalled(work, reasons.accessDenied, message)
}

async function applyChart({ run, deps }: Work, chart: KubeObject): Promise<void> {
  const { caches, clock } = deps
  try {
    const [change] = await applyAll([chart], {
      cluster: knowingCharts(caches),
      clock,
      signal: run.signal,
      fieldManager: fieldManagers.helmController,
    })
    if (!change || !hasChanged(change)) return
    const isNew = change.action === 'created'
    const { sourceRef } = chart['spec'] as {
      readonly sourceRef: { readonly kind: string; readonly name: string }
    }
    const { namespace, name } = chart.metadata
    run.event({
      type: 'Trace',
      reason: isNew ? helmReasons.chartCreated : helmReasons.chartConfigured,
      message: `${isNew ? 'Created' : 'Configured'} HelmChart/${namespace}/${name} with SourceRef '${sourceRef.kind}/${namespace}/${sourceRef.name}'`,
    })
  } catch (cause) {
    run.signal.throwIfAborted()
    const error = new ChartTemplateError('failed to run server-side apply', { cause })
    run.event({ type: 'Trace', reason: helmReasons.chartSyncError, message: errorChain(error) })
    throw error
  }
}

/** The cluster, with HelmCharts read from the watch cache: a HelmChart that is as it should be costs no request. */
function knowingCharts(caches: CacheSet): Cluster {
  const { cluster } = caches
  const known = caches.cache(helmCharts)
  return {
    ...cluster,
    get: async <T>(...[resource, key, options]: Parameters<Cluster['get']>): Promise<T> => {
      const found = resource.kind === helmCharts.kind ? known.get(key) : undefined
      return found ? (found as T) : await cluster.get<T>(resource, key, options)
    },
  }
}

/** Deletes the HelmChart that the status names. */
export async function deleteChart(run: Run<HelmRelease>, { caches }: HelmParts): Promise<void> {
  const { helmChart = '' } = run.status
  const [namespace = '', name = ''] = helmChart.split('/')
  if (name !== '') {
    try {
      await caches.cluster.delete(helmCharts, { namespace, name }, { signal: run.signal })
      run.event({
        type: 'Trace',
        reason: helmReasons.chartDeleted,
        message: `deleted HelmChart '${helmChart}'`,
      })
    } catch (cause) {
      if (!isApiError(cause, 'NotFound')) {
        throw new ChartTemplateError(`failed to delete HelmChart '${helmChart}'`, { cause })
      }
    }
  }
  run.status.helmChart = undefined
}
