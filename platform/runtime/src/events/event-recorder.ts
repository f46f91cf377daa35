import type { Cluster } from '@sluice/cluster'
import type { Clock, KubeObject, Logger } from '@sluice/ports'
import { formatTime } from '@sluice/toolkit'
import type { RunEvent } from '../reconcile/run.ts'
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

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log, forwardEvent, identity } = options
  const write = eventWriter(options)
  /** The first is being written, the others wait. */
  const waiting: Recorded[] = []
  const wakers = new Set<() => void>()

  return {
    record: (component, object, event) => {
      if (waiting.length >= longestQueue) return
      waiting.push({ component, object, event, at: clock.now() })
      wake()
    },
    run: async (signal) => {
      signal.addEventListener('abort', wake, { once: true })
      while (!signal.aborted) {
        const [next] = waiting
        // One after the other: people read them in this order.
        if (next) {
          await deliver(next, signal)
          waiting.shift()
          wake()
        } else {
          await changed()
        }
      }
    },
    flushed: async () => {
      while (waiting.length > 0) await changed()
    },
  }

  function wake(): void {
    for (const waker of wakers) waker()
    wakers.clear()
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wakers.add(resolve)
    })
  }

  async function deliver(recorded: Recorded, signal: AbortSignal): Promise<void> {
    try {
      await write(recorded, { signal })
      if (forwardEvent && recorded.event.type !== 'Trace') {
        await forwardEvent(notificationOf(recorded, identity), { signal })
      }
    } catch (error) {
      if (!signal.aborted) log.error(error, 'unable to record event')
    }
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
