import { setMaxListeners } from 'node:events'
import type { Logger } from '@sluice/ports'

/** Background work that is neither lost nor left behind. */
export interface TaskGroup {
  /** Aborts when the group is stopped. */
  readonly signal: AbortSignal
  /** Starts `work`. Its failure is logged, unless it comes from the group being stopped. */
  run(name: string, work: (signal: AbortSignal) => Promise<void>): void
  /** Aborts all work and waits for its end. */
  stop(): Promise<void>
}

/** @param parent ends the group when it aborts; `stop` is still to be awaited. */
export function taskGroup(log: Logger, parent?: AbortSignal): TaskGroup {
  const controller = manyListeners(new AbortController())
  const running = new Set<Promise<void>>()
  const abort = (): void => controller.abort(parent?.reason)
  if (parent?.aborted) abort()
  parent?.addEventListener('abort', abort, { once: true })

  return {
    signal: controller.signal,
    run: (name, work) => {
      const task = guard(name, work).finally(() => running.delete(task))
      running.add(task)
    },
    stop: async () => {
      parent?.removeEventListener('abort', abort)
      controller.abort()
      await Promise.all(running)
    },
  }

  async function guard(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(controller.signal)
    } catch (error) {
      if (!controller.signal.aborted) log.error(error, 'background task failed', { task: name })
    }
  }
}

/** A signal that hundreds of requests listen to at the same time is no leak. */
export function manyListeners(controller: AbortController): AbortController {
  setMaxListeners(0, controller.signal)
  return controller
}
