import { durationText } from '@sluice/applier'
import { ArtifactError } from '@sluice/artifact'
import { isApiError } from '@sluice/cluster'
import { errorChain, ToolkitError } from '@sluice/ports'
import type { Outcome } from '@sluice/runtime'
import { reasons } from '@sluice/toolkit'
import type { ChartLoader } from '../charts/chart-loader.ts'
import {
  type ChartOffer,
  type ChartReference,
  chartReference,
  chartSourceKinds,
  unreadiness,
} from '../charts/chart-source.ts'
import { ChartVersionError, sourceVersion } from '../charts/source-version.ts'
import { helmReasons } from '../reasons.ts'
import { type HelmStep, need, notReady, overcome, requeueMs, stalled, type Work } from '../work.ts'
import { refuse } from './chart-template.ts'

/** Finds the source of the chart, and waits until it has one. */
export const findSource: HelmStep = async (work) => {
  const { run, object } = work
  const reference = chartReference(object)
  if (!reference) throw new TypeError('a HelmRelease has a source of its chart')
  const { kind, key } = reference
  const refusal = refuse(work, kind, key) ?? refuseGated(work, kind, `${key.namespace}/${key.name}`)
  if (refusal) return refusal
  const resource = chartSourceKinds[kind]
  const offer = await readOffer(work, reference)
  if (!offer) {
    const error = new ToolkitError('NOT_FOUND', `${resource.kind}.${resource.group} "${key.name}" not found`)
    const message = `could not get Source object: ${error.message}`
    return notReady(work, reasons.artifactFailed, message, { kind: 'backoff', error })
  }
  overcome(work, reasons.accessDenied, reasons.artifactFailed)
  const objection = unreadiness(reference, offer)
  const artifact = offer.status?.artifact
  if (objection !== undefined || !artifact) {
    run.log.info(objection ?? 'no artifact')
    const next = { kind: 'interval', ms: requeueMs(work) } as const
    return notReady(work, helmReasons.sourceNotReady, objection ?? '', next)
  }
  overcome(work, helmReasons.sourceNotReady)
  work.source = { ...reference, artifact }
  return undefined
}

async function readOffer(
  { run, deps }: Work,
  { kind, key }: ChartReference,
): Promise<ChartOffer | undefined> {
  const resource = chartSourceKinds[kind]
  if (!deps.options?.gates?.directSourceFetch) return deps.caches.cache<ChartOffer>(resource).get(key)
  try {
    return await deps.caches.cluster.get<ChartOffer>(resource, key, { signal: run.signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

function refuseGated(work: Work, kind: string, place: string): Outcome | undefined {
  if (kind !== 'ExternalArtifact' || work.deps.options?.gates?.externalArtifact !== false) return undefined
  const message = `can't access '${kind}/${place}', ExternalArtifact feature gate is disabled`
  work.run.event({ type: 'Warning', reason: reasons.accessDenied, message })
  return stalled(work, reasons.accessDenied, message)
}

/** Fetches the chart, as far as a run has to know it. */
export function readChart(loader: ChartLoader): HelmStep {
  return async (work) => {
    const { run, deps } = work
    const source = need(work, 'source')
    const { artifact } = source
    try {
      const { name, version, appVersion } = await loader.facts(artifact, { signal: run.signal })
      overcome(work, reasons.artifactFailed)
      const tracksDigests = !deps.options?.gates?.disableChartDigestTracking
      const released = sourceVersion(version, source, { tracksDigests })
      work.chart = {
        name,
        appVersion,
        version: released.version,
        digest: released.digest,
        load: once(async () => {
          const chart = await loader.load(artifact, { signal: run.signal })
          if (released.version === version) return chart
          return { ...chart, metadata: { ...chart.metadata, version: released.version } }
        }),
      }
      overcome(work, helmReasons.chartMutateError)
      return undefined
    } catch (error) {
      run.signal.throwIfAborted()
      return chartFailure(work, error)
    }
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** What a chart that cannot be fetched, read or released means. */
export function chartFailure(work: Work, error: unknown): Outcome {
  const message = errorChain(error)
  if (error instanceof ChartVersionError) {
    return notReady(work, helmReasons.chartMutateError, message, { kind: 'backoff', error })
  }
  if (error instanceof ArtifactError && error.code === 'ARTIFACT_NOT_FOUND') {
    const ms = requeueMs(work)
    const waiting = `Source not ready: artifact not found. Retrying in ${durationText(ms)}`
    return notReady(work, reasons.artifactFailed, waiting, { kind: 'after', ms })
  }
  work.run.event({ type: 'Warning', reason: reasons.artifactFailed, message })
  return notReady(work, reasons.artifactFailed, `Could not load chart: ${message}`, {
    kind: 'backoff',
    error,
  })
}
