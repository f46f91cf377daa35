import { fakeClock } from '@sluice/ports/testing'
import { afterEach, expect, test } from 'vitest'
import { JobError, type JobOptions, WorkerError, type WorkerPool, workerPool } from '../src/index.ts'

const module = new URL('./trial-worker.ts', import.meta.url)
const options: JobOptions = {
  affinity: '',
  signal: new AbortController().signal,
  answer: () => Promise.reject(new TypeError('not asked')),
}
const pools: WorkerPool[] = []

function newPool(size = 1, clock = fakeClock()): WorkerPool {
  const pool = workerPool({ module, clock, size, maxHeapMb: 32 })
  pools.push(pool)
  return pool
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

test('jobs are done with what they ask for, and see nothing of the process', async () => {
  const pool = newPool()
  const answering = { ...options, answer: (question: unknown) => Promise.resolve([question, 'this']) }
  expect(await pool.run('question', answering)).toEqual({ answered: ['what?', 'this'] })
  expect(await pool.run('surroundings', options)).toEqual([])
})

test('a job that fails tells why', async () => {
  const failed = await newPool()
    .run('failure', options)
    .catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(JobError)
  const { failure } = failed as JobError
  expect(failure).toMatchObject({ code: 'TRIAL', message: 'outer', cause: { name: 'RangeError' } })
})

test('who cannot answer ends the job, and the worker goes on to the next', async () => {
  const pool = newPool()
  const refused = new RangeError('forbidden')
  await expect(pool.run('question', { ...options, answer: () => Promise.reject(refused) })).rejects.toBe(
    refused,
  )
  expect(await pool.run('next', options)).toBe('next')
})

test('what computes for too long is ended, and others go on in a new worker', async () => {
  const clock = fakeClock()
  const pool = newPool(1, clock)
  await pool.run('started', options)
  const endless = pool.run('loop', options).catch((error: unknown) => error)
  const next = pool.run('next', options)
  await clock.advance(60_000)
  expect(await endless).toMatchObject({ code: 'WORKER_TIMEOUT' })
  expect(await next).toBe('next')
})

test('what takes too much memory ends with its worker, and others go on', async () => {
  const pool = newPool()
  const failed = await pool.run('memory', options).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(WorkerError)
  expect(await pool.run('next', options)).toBe('next')
})

test('calls go deeper than in the main thread', async () => {
  expect(await newPool().run('depth', options)).toBe(40_000)
})

test('jobs of one affinity go to one worker as long as it is free', async () => {
  const pool = newPool(2)
  const threads = await Promise.all(
    ['a', 'b'].map((affinity) => pool.run('thread', { ...options, affinity })),
  )
  expect(new Set(threads).size).toBe(2)
  expect(await pool.run('thread', { ...options, affinity: 'b' })).toBe(threads[1])
  expect(await pool.run('thread', { ...options, affinity: 'a' })).toBe(threads[0])
})

test('a job that nobody waits for any more gives way', async () => {
  const pool = newPool()
  const gone = new AbortController()
  const answer = (): Promise<unknown> => {
    gone.abort()
    return new Promise((_, reject) => reject(gone.signal.reason))
  }
  const first = pool.run('question', { ...options, answer, signal: gone.signal })
  const waiting = pool.run('never', { ...options, signal: gone.signal })
  await expect(first).rejects.toThrow('aborted')
  await expect(waiting).rejects.toThrow('aborted')
  expect(await pool.run('next', options)).toBe('next')
})

test('a worker without work is ended after a while', async () => {
  const clock = fakeClock()
  const pool = newPool(1, clock)
  const first = await pool.run('thread', options)
  await clock.advance(30_000)
  expect(await pool.run('thread', options)).not.toBe(first)
})

test('a closed pool does nothing any more', async () => {
  const pool = newPool()
  const running = pool.run('loop', options)
  const closed = pool.close()
  await expect(running).rejects.toThrow('the workers were ended')
  await closed
  await expect(pool.run('next', options)).rejects.toThrow('the workers were ended')
})
