// What the workers of `worker-pool.test.ts` run.
import { threadId } from 'node:worker_threads'
import { ToolkitError } from '@sluice/ports'
import { serveJobs } from '../src/workers/serve-jobs.ts'

serveJobs(async (job, ask) => {
  switch (job) {
    case 'thread':
      return threadId
    case 'surroundings':
      return Object.keys(process.env)
    case 'question':
      return { answered: await ask('what?') }
    case 'failure':
      throw new ToolkitError('TRIAL', 'outer', { cause: new RangeError('inner') })
    case 'loop':
      for (;;);
    case 'memory':
      return hoard().length
    case 'depth':
      return deep(40_000)
    default:
      return job
  }
})

function hoard(): unknown[] {
  const all: unknown[] = []
  for (;;) all.push(Array.from({ length: 100_000 }, (_, at) => at))
}

function deep(left: number): number {
  return left === 0 ? 0 : 1 + deep(left - 1)
}
