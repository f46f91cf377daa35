import type { Cluster } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { formatTime } from '@sluice/toolkit'
import type { RunEvent } from '../reconcile/run.ts'
import { type DeliveryQueue, deliveryQueue } from './delivery-queue.ts'
import { eventMetadata, eventWriter, type Recorded, referenceTo } from './event-writer.ts'
import type { ForwardEvent, Notification } from './notification.ts'

export type EventRecorderOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  /** Names this process. */
  readonly identity: string
  readonly forwardEvent?: ForwardEvent
}

/** Records events about objects, in the background and in order. */
export interface EventRecorder {
  /** @param component the controller that reports. Events are dropped while a thousand are waiting. */
  record(component: string, object: KubeObject, event: RunEvent): void
  /** Writes events until `signal` aborts; what waits then is left. */
  run(signal: AbortSignal): Promise<void>
  /** Resolves when nothing waits. */
  flushed(): Promise<void>
}

const longestQueue = 1_000
/** Notifications about different objects that are posted at the same time; those about one object stay in order. */
const laneCount = 4

/** Events go into the cluster and to the notification controller on ways of their own: neither holds up the other. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, forwardEvent, identity } = options
  const write = eventWriter(options)
  const written = deliveryQueue<Recorded>(
    (recorded, signal) => attempt(() => write(recorded, { signal }), signal),
    { longest: longestQueue },
  )
  const lanes = forwardEvent
    ? Array.from({ length: laneCount }, () =>
        deliveryQueue<Notification>(
          (notification, signal) => attempt(() => forwardEvent(notification, { signal }), signal),
          { longest: longestQueue / laneCount },
        ),
      )
    : []
  const queues = [written, ...lanes]

  return {
    record: (component, object, event) => {
      const recorded = { component, object, event, at: clock.now() }
      written.add(recorded)
      if (event.type !== 'Trace') laneOf(object)?.add(notificationOf(recorded, identity))
    },
    run: async (signal) => {
      await Promise.all(queues.map((it) => it.run(signal)))
    },
    flushed: async () => {
      await Promise.all(queues.map((it) => it.flushed()))
    },
  }

  async function attempt(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) log.error(error, 'unable to record event')
    }
  }

  function laneOf({ kind, metadata }: KubeObject): DeliveryQueue<Notification> | undefined {
    const { namespace = '', name = '' } = metadata
    let sum = 0
    for (const character of `${kind}/${namespace}/${name}`) sum += character.codePointAt(0) ?? 0
    return lanes[sum % laneCount]
  }
}

function notificationOf({ component, object, event, at }: Recorded, identity: string): Notification {
  const metadata = eventMetadata(object, event)
  return {
    involvedObject: referenceTo(object),
    severity: event.type === 'Warning' ? 'error' : 'info',
    timestamp: formatTime(at),
    message: event.message,
    reason: event.reason,
    ...(metadata && { metadata }),
    reportingController: component,
    reportingInstance: identity,
  }
}
