import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { type Clock, type KubeObject, parseApiVersion } from '@sluice/ports'
import { annotations, formatTime } from '@sluice/toolkit'
import type { RunEvent } from '../reconcile/run.ts'
import { type Correlation, eventCorrelator } from './event-correlator.ts'
import type { Notification } from './notification.ts'

/** An event that is to be written: who reports what about which object, and when. */
export type Recorded = {
  readonly component: string
  readonly object: KubeObject
  readonly event: RunEvent
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Writes one event into the cluster: anew, as the count of an equal one, or not at all. */
export type WriteEvent = (recorded: Recorded, options: { readonly signal: AbortSignal }) => Promise<void>

const events: Resource = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true }

export function eventWriter({
  cluster,
  clock,
}: {
  readonly cluster: Cluster
  readonly clock: Clock
}): WriteEvent {
  const correlator = eventCorrelator(clock)
  let sequence = 0

  return async (recorded, { signal }) => {
    const correlation = correlator.correlate(identify(recorded))
    if (correlation.kind === 'drop') return
    const options = { fieldManager: recorded.component, signal }
    if (correlation.kind === 'count') {
      if (await count(recorded, correlation, options)) return
      correlation.forget()
    }
    const name = nextName(recorded)
    await cluster.create(events, eventObject(recorded, name, correlation.message), options)
    if (correlation.kind === 'create') correlation.remember(name)
  }

  /** Whether the event that is counted was still there. */
  async function count(
    { object, at }: Recorded,
    { name, message, count: times }: Extract<Correlation, { kind: 'count' }>,
    options: { readonly fieldManager: string; readonly signal: AbortSignal },
  ): Promise<boolean> {
    const { namespace = 'default' } = object.metadata
    const body = { message, count: times, lastTimestamp: formatTime(at) }
    try {
      await cluster.patch(events, { namespace, name }, { ...options, patch: { kind: 'merge', body } })
      return true
    } catch (error) {
      if (isApiError(error, 'NotFound')) return false
      throw error
    }
  }

  /** `<object>.<nanoseconds in hex>`, unlike any other of this process. */
  function nextName({ object, at }: Recorded): string {
    sequence = (sequence + 1) % 1_000_000
    const nanoseconds = BigInt(Math.trunc(at)) * 1_000_000n + BigInt(sequence)
    return `${object.metadata.name}.${nanoseconds.toString(16)}`
  }
}

function identify({
  component,
  object,
  event,
}: Recorded): Parameters<ReturnType<typeof eventCorrelator>['correlate']>[0] {
  const { apiVersion, kind, metadata } = object
  return {
    component,
    object: JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name, metadata.uid]),
    type: typeOf(event),
    reason: event.reason,
    message: event.message,
  }
}

function typeOf({ type }: RunEvent): string {
  return type === 'Trace' ? 'Normal' : type
}

function eventObject({ component, object, event, at }: Recorded, name: string, message: string): KubeObject {
  const metadata = eventMetadata(object, event)
  const { namespace = 'default' } = object.metadata
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace, ...(metadata && { annotations: metadata }) },
    involvedObject: referenceTo(object),
    reason: event.reason,
    message,
    type: typeOf(event),
    count: 1,
    firstTimestamp: formatTime(at),
    lastTimestamp: formatTime(at),
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  }
}

/** The object as events name it. */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject): Notification['involvedObject'] {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = metadata
  return { kind, namespace, name, uid, apiVersion, resourceVersion }
}

/** The event's own under the prefix of the object's group, and what the object's annotations add to all its events. */
export function eventMetadata(
  { apiVersion, metadata }: KubeObject,
  event: RunEvent,
): Record<string, string> | undefined {
  const { group } = parseApiVersion(apiVersion)
  const own = Object.entries(event.metadata ?? {}).map(([key, value]) => [`${group}/${key}`, value] as const)
  const added = Object.entries(metadata.annotations ?? {}).filter(([key]) =>
    key.startsWith(annotations.eventPrefix),
  )
  return own.length + added.length > 0 ? Object.fromEntries([...own, ...added]) : undefined
}
