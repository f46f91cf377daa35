import type { Compression, KubeObject } from '@sluice/ports'
import { ChartError } from '../load/chart-error.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeRelease } from './decode-release.ts'
import { encodeRelease } from './encode-release.ts'
import type { Release } from './release.ts'

/** What kind of object holds the records. Helm's default is `Secret`. */
export type RecordKind = 'Secret' | 'ConfigMap'

/** Labels of a record that are Helm's own. */
export const systemLabels: readonly string[] = [
  'name',
  'owner',
  'status',
  'version',
  'createdAt',
  'modifiedAt',
]

/** Type of the Secrets. */
export const recordType = 'helm.sh/release.v1'

/** Name of the object that holds a revision. */
export function recordName(name: string, revision: number): string {
  return `sh.helm.release.v1.${name}.v${revision}`
}

/** What selects the records of a release, or of all. */
export function recordSelector(name?: string): Readonly<Record<string, string>> {
  return name === undefined ? { owner: 'helm' } : { name, owner: 'helm' }
}

export type RecordOptions = {
  readonly compression: Compression
  readonly kind?: RecordKind
  /** Whether the record is new, and when that is, in seconds since 1970. */
  readonly written: { readonly as: 'created' | 'modified'; readonly atSeconds: number }
}

/** The object that holds a revision. */
export function recordOf(
  release: Release,
  { compression, kind = 'Secret', written }: RecordOptions,
): KubeObject {
  const record = encodeRelease(release, { compression })
  const metadata = {
    name: recordName(release.name, release.revision),
    namespace: release.namespace,
    labels: {
      ...Object.fromEntries(release.labels),
      [`${written.as}At`]: String(written.atSeconds),
      name: release.name,
      owner: 'helm',
      status: release.info.status,
      version: String(release.revision),
    },
  }
  if (kind === 'ConfigMap') return { apiVersion: 'v1', kind, metadata, data: { release: record } }
  const data = { release: encodeBase64(new TextEncoder().encode(record)) }
  return { apiVersion: 'v1', kind, metadata, type: recordType, data }
}

/** The revision that a Secret or ConfigMap holds. @throws {ChartError} `CHART_RECORD` */
export function releaseOfRecord(
  object: KubeObject,
  { compression }: { readonly compression: Compression },
): Release {
  const { kind, metadata } = object
  const labels = new Map(Object.entries(metadata.labels ?? {}))
  for (const label of systemLabels) labels.delete(label)
  try {
    return decodeRelease(recordText(object), { compression, labels })
  } catch (cause) {
    if (!(cause instanceof ChartError)) throw cause
    const message = `${kind} ${metadata.name} holds no readable release: ${cause.message}`
    throw new ChartError('CHART_RECORD', message, { cause })
  }
}

function recordText({ kind, data }: KubeObject): string {
  const record = (data as Readonly<Record<string, unknown>> | undefined)?.['release']
  if (typeof record !== 'string') throw new ChartError('CHART_RECORD', 'there is no data')
  if (kind === 'ConfigMap') return record
  const bytes = decodeBase64(record)
  if (!bytes) throw new ChartError('CHART_RECORD', 'illegal base64 data')
  return new TextDecoder().decode(bytes)
}

/** The user's labels of a new revision: those given replace the last one's, and `null` takes one away. */
export function mergeLabels(
  last: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...last, ...given].filter(([key]) => (given.get(key) ?? last.get(key)) !== 'null'))
}

/** Refuses labels that are Helm's own. @throws {ChartError} `CHART_INVALID` */
export function checkLabels(labels: ReadonlyMap<string, string>): void {
  if (!systemLabels.some((it) => labels.has(it))) return
  throw new ChartError(
    'CHART_INVALID',
    `user supplied labels contains system reserved label name. System labels: [${systemLabels.join(' ')}]`,
  )
}

/**
 * The revisions to remove so that one more fits into a history of `maxHistory`: the oldest, but never the one that is
 * deployed. 0 keeps all.
 */
export function revisionsToPrune(history: readonly Release[], maxHistory: number): readonly number[] {
  if (maxHistory <= 0) return []
  const sorted = history.toSorted((a, b) => a.revision - b.revision)
  const deployed = sorted.findLast(({ info }) => info.status === 'deployed')
  const excess = Math.max(0, history.length - (maxHistory - 1))
  return sorted
    .filter((it) => it !== deployed)
    .slice(0, excess)
    .map(({ revision }) => revision)
}
