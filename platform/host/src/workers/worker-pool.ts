import type { Clock } from '@sluice/ports'
import { Seat, type SeatedJob } from './seat.ts'
import { WorkerError } from './worker-error.ts'

export type WorkerPoolOptions = {
  /** The module that each worker runs; it calls {@link serveJobs}. */
  readonly module: URL
  readonly clock: Clock
  /** Workers at the most. They are started as they are needed. */
  readonly size: number
  /** How long a job may compute at a stretch, in milliseconds. Default: `60_000`. */
  readonly timeoutMs?: number
  /** How long a worker without work is kept, in milliseconds. Default: `30_000`. */
  readonly idleMs?: number
  /** Bound of a worker's heap. Default: `512`. */
  readonly maxHeapMb?: number
  /** How deep a worker's calls may go. Default: `16`. */
  readonly stackMb?: number
}

export type JobOptions = {
  /** Jobs with the same affinity go to the same worker where it is free, which may have kept something. */
  readonly affinity: string
  readonly signal: AbortSignal
  /** Answers what the worker asks on the way. What it throws ends the job. */
  readonly answer: (question: unknown) => Promise<unknown>
}

/** Threads for what computes for long. Jobs, questions, answers and results are copied as `structuredClone` does. */
export interface WorkerPool {
  /**
   * @throws {JobError} what the job threw in its worker
   * @throws {WorkerError} when it came to no end there
   * @throws the signal's reason
   */
  run(job: unknown, options: JobOptions): Promise<unknown>
  /** Ends all workers; jobs under way fail. */
  close(): Promise<void>
}

type Waiting = SeatedJob & { readonly affinity: string }

/** Affinities whose seats are remembered. */
const maxAffinities = 1_000

/**
 * A pool without workers yet.
 *
 * @example
 * const pool = workerPool({ module: new URL('./worker.js', import.meta.url), clock, size: 2 })
 * const result = await pool.run({ text }, { affinity: digest, signal, answer })
 */
export function workerPool({
  size,
  timeoutMs = 60_000,
  idleMs = 30_000,
  maxHeapMb = 512,
  stackMb = 16,
  ...options
}: WorkerPoolOptions): WorkerPool {
  const queue = new Set<Waiting>()
  const seatsOf = new Map<string, Seat>()
  const seatOptions = { ...options, timeoutMs, idleMs, maxHeapMb, stackMb }
  const seats = Array.from({ length: Math.max(1, size) }, () => new Seat(seatOptions, dispatch))
  let isClosed = false

  return {
    run: (job, { affinity, signal, answer }) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new WorkerError('WORKER_CLOSED', 'the workers were ended')
        signal.throwIfAborted()
        const isAbandoned = (): boolean => signal.aborted
        const abandon = (): void => {
          queue.delete(waiting)
          reject(signal.reason)
        }
        const settled = <T>(settle: (value: T) => void) => {
          return (value: T): void => {
            signal.removeEventListener('abort', abandon)
            settle(value)
          }
        }
        const waiting: Waiting = {
          job,
          affinity,
          answer,
          isAbandoned,
          resolve: settled(resolve),
          reject: settled(reject),
        }
        signal.addEventListener('abort', abandon, { once: true })
        queue.add(waiting)
        dispatch()
      }),
    close: async () => {
      isClosed = true
      const closed = new WorkerError('WORKER_CLOSED', 'the workers were ended')
      for (const waiting of queue) waiting.reject(closed)
      queue.clear()
      await Promise.all(seats.map((seat) => seat.close()))
    },
  }

  /** Gives the jobs that wait to the seats that are free. */
  function dispatch(): void {
    for (const waiting of queue) {
      const seat = seatFor(waiting.affinity)
      if (!seat) return
      queue.delete(waiting)
      seatsOf.delete(waiting.affinity)
      seatsOf.set(waiting.affinity, seat)
      const [oldest] = seatsOf.size > maxAffinities ? seatsOf.keys() : []
      if (oldest !== undefined) seatsOf.delete(oldest)
      seat.begin(waiting)
    }
  }

  /** The seat that did such jobs before, one whose worker runs already, any that is free. */
  function seatFor(affinity: string): Seat | undefined {
    const former = seatsOf.get(affinity)
    if (former?.isFree) return former
    return seats.find((seat) => seat.isFree && seat.isStarted) ?? seats.find((seat) => seat.isFree)
  }
}
