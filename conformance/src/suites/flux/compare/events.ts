import { readFileSync } from 'node:fs'
import type { JsonValue, KubeObject } from '@sluice/ports'
import { normalizeJson, normalizeText } from '../normalize.ts'
import type { Compare, Live } from './live.ts'

type RecordedEvent = {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly reportingComponent: string
  readonly involvedObject: {
    readonly apiVersion?: string
    readonly kind: string
    readonly name: string
    readonly namespace?: string
  }
  readonly annotations?: Readonly<Record<string, string>> | null
}

/**
 * Events as a set: how often one came and in which order depends on the machine's speed. What an object told after the
 * moment that the record shows of it may be there already.
 */
export const compareEvents: Compare = async (file, live) => {
  const want = JSON.parse(readFileSync(file, 'utf8')) as RecordedEvent[]
  const resource = await live.cluster.resourceFor('v1', 'Event', { signal: live.signal })
  const { items } = await live.cluster.list(resource, {
    namespace: want[0]?.involvedObject.namespace ?? live.namespace,
    signal: live.signal,
  })
  const ours = items
    .map((it) => ({
      object: it,
      event: { ...(it as unknown as RecordedEvent), annotations: it.metadata.annotations ?? null },
    }))
    .filter(({ event }) => want.some((other) => other.reportingComponent === event.reportingComponent))
    .filter(({ event }) => !isOurs(event))
  const got = new Set(ours.map(({ event }) => eventText(event, live)))
  const merged = new Set(
    ours.filter(({ object }) => Number(object['count']) > 1).map(({ event }) => unannotated(event, live)),
  )
  const wanted = new Set(want.filter((it) => !isNodeEvent(it)).map((it) => eventText(it, live)))
  const missing = want
    .filter((it) => !isNodeEvent(it) && (!isTimed(it) || isRequested(it, live)))
    .filter((it) => !got.has(eventText(it, live)) && !(isMeasured(it) && merged.has(unannotated(it, live))))
    .map((it) => eventText(it, live))
  const extra = ours
    .filter(({ object, event }) => !isTimed(event) && !isLater(object, event, live))
    .map(({ event }) => eventText(event, live))
    .filter((it) => !wanted.has(it))
  if (missing.length === 0 && extra.length === 0) return undefined
  return [...missing.map((it) => `missing ${it}`), ...extra.map((it) => `extra ${it}`)].join(' | ')
}

/** Whether an event came after the recorded moment of its object. */
function isLater(event: KubeObject, { involvedObject }: RecordedEvent, live: Live): boolean {
  const { apiVersion = '', kind, name, namespace = '' } = involvedObject
  const moment = live.moments.leftBehind({ apiVersion, kind, metadata: { namespace, name } })
  if (!moment) return false
  const [first] = live.timeline.versionsOf({ ...event, apiVersion: 'v1', kind: 'Event' })
  return first !== undefined && first.revision > moment.revision
}

/** Beyond Flux: the fields that somebody changed, seen by a watch. */
function isOurs({ message }: RecordedEvent): boolean {
  return message.startsWith('drift seen\n') || message.startsWith('drift put back\n')
}

/** Told at each interval that passes, or by an alarm that was set before something else led to a run. */
function isTimed({ reason, message }: RecordedEvent): boolean {
  return (
    reason === 'ArtifactUpToDate' ||
    reason === 'GarbageCollectionSucceeded' ||
    // Whether a chart is looked at before its repository has an index is a matter of speed.
    reason === 'NoSourceArtifact' ||
    /, next scan in \S+$/.test(message) ||
    message.startsWith('no change in repository configuration since last scan') ||
    message.startsWith('no changes since last reconciliation')
  )
}

/** Whether a step asked for the run that an event tells of: not one about a revision that has been replaced since. */
function isRequested(
  { message, involvedObject }: RecordedEvent,
  { requested, commits, moments }: Live,
): boolean {
  if (message.startsWith('no change in repository configuration since last scan')) return false
  const { apiVersion = '', kind, name, namespace = '' } = involvedObject
  if (!requested.has(`${kind.toLowerCase()}/${name}`)) return false
  const [, revision] = /observed revision '(.*)'$/.exec(message) ?? []
  const object = moments.of({ apiVersion, kind, metadata: { namespace, name } })?.object
  const { artifact } = (object?.status ?? {}) as { readonly artifact?: { readonly revision: string } }
  return revision === undefined || (artifact && normalizeText(artifact.revision, commits)) === revision
}

function isNodeEvent({ reportingComponent }: RecordedEvent): boolean {
  return (
    !reportingComponent.endsWith('-controller') || /^(deployment|replicaset|job)-/.test(reportingComponent)
  )
}

function eventText(event: RecordedEvent, { commits }: Live): string {
  const { type, reason, message, reportingComponent, involvedObject, annotations } = event
  const object = `${involvedObject.kind}/${involvedObject.name}`
  return JSON.stringify(
    normalizeJson([reportingComponent, object, type, reason, message, sortKeys(annotations ?? {})], commits),
  )
}

/** Two that took as long, to our clock, are one event of two occurrences, with the annotations of the first. */
function unannotated(event: RecordedEvent, live: Live): string {
  return eventText({ ...event, annotations: null }, live)
}

function isMeasured({ message }: RecordedEvent): boolean {
  return normalizeText(message, new Map()).includes('<duration>')
}

function sortKeys(record: Readonly<Record<string, string>>): JsonValue {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
