import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Clock } from '@sluice/ports'
import type { FromWorker, ToWorker } from './messages.ts'
import { JobError, WorkerError } from './worker-error.ts'

/** One thread's place in a pool. */
export type SeatOptions = {
  readonly module: URL
  readonly clock: Clock
  readonly timeoutMs: number
  readonly idleMs: number
  readonly maxHeapMb: number
  readonly stackMb: number
}

/** A job with who waits for it. */
export type SeatedJob = {
  readonly job: unknown
  readonly answer: (question: unknown) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  /** Whether nobody waits for it any more. */
  readonly isAbandoned: () => boolean
}

/**
 * A worker thread that does one job after the other. It is started with the first one, ended after a while without any, and
 * replaced when it dies or computes for too long.
 */
export class Seat {
  readonly #options: SeatOptions
  readonly #whenFree: () => void
  #worker: Worker | undefined
  #current: SeatedJob | undefined
  #alarm: AbortController | undefined

  /** @param whenFree called after each job */
  constructor(options: SeatOptions, whenFree: () => void) {
    this.#options = options
    this.#whenFree = whenFree
  }

  get isFree(): boolean {
    return this.#current === undefined
  }

  get isStarted(): boolean {
    return this.#worker !== undefined
  }

  /** Has a free seat do a job. */
  begin(job: SeatedJob): void {
    this.#current = job
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#send({ kind: 'job', job: job.job })
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#leave(new WorkerError('WORKER_CLOSED', 'the workers were ended'))
    await worker?.terminate()
  }

  #start(): Worker {
    const { module, maxHeapMb, stackMb } = this.#options
    const worker = startWorker(module, {
      // What runs here never sees the process' surroundings.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, stackSizeMb: stackMb },
    })
    const own = (handle: () => void): void => {
      if (this.#worker === worker) handle()
    }
    worker.on('message', (message: FromWorker) => own(() => this.#receive(message)))
    worker.on('error', (cause: unknown) =>
      own(() => this.#leave(new WorkerError('WORKER_DIED', 'a worker died', { cause }))),
    )
    worker.on('exit', (code) =>
      own(() => this.#leave(new WorkerError('WORKER_DIED', `a worker ended with ${code}`))),
    )
    return worker
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message)
    this.#setAlarm(this.#options.timeoutMs, () => {
      const seconds = this.#options.timeoutMs / 1_000
      const worker = this.#worker
      this.#leave(new WorkerError('WORKER_TIMEOUT', `computing took longer than ${seconds}s`))
      void worker?.terminate()
    })
  }

  #receive(message: FromWorker): void {
    this.#alarm?.abort()
    switch (message.kind) {
      case 'question':
        void this.#answer(message.question)
        return
      case 'result':
        this.#finish((job) => job.resolve(message.result))
        return
      case 'failure':
        this.#finish((job) => job.reject(new JobError(message.failure)))
    }
  }

  async #answer(question: unknown): Promise<void> {
    const job = this.#current
    if (!job) return
    let reply: ToWorker = { kind: 'refusal' }
    try {
      if (!job.isAbandoned()) reply = { kind: 'answer', answer: await job.answer(question) }
    } catch (error) {
      // Whoever could not answer knows best what is wrong; the worker only has to come to its end.
      job.reject(error)
    }
    // It may have died meanwhile.
    if (this.#current === job) this.#send(reply)
  }

  /** The worker is gone, or about to go. */
  #leave(error: WorkerError): void {
    this.#worker = undefined
    this.#alarm?.abort()
    this.#finish((job) => job.reject(error))
  }

  #finish(settle: (job: SeatedJob) => void): void {
    const job = this.#current
    if (!job) return
    this.#current = undefined
    settle(job)
    const worker = this.#worker
    worker?.unref()
    this.#whenFree()
    if (!worker || this.#current) return
    this.#setAlarm(this.#options.idleMs, () => {
      this.#worker = undefined
      void worker.terminate()
    })
  }

  #setAlarm(ms: number, ring: () => void): void {
    this.#alarm?.abort()
    const alarm = new AbortController()
    this.#alarm = alarm
    // Rejected is only what is called off.
    this.#options.clock.sleep(ms, alarm.signal).then(ring, () => undefined)
  }
}

/** From source, what reads TypeScript has to be there first; threads do not take it over from each other. */
function startWorker(module: URL, options: WorkerOptions): Worker {
  if (!module.pathname.endsWith('.ts')) return new Worker(module, options)
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(module.href)})))`
  return new Worker(load, { ...options, eval: true, execArgv: ['--conditions=@sluice/source'] })
}
