import { parentPort } from 'node:worker_threads'
import { type FromWorker, packError, type ToWorker } from './messages.ts'

/** Asks who gave the job; refused where they have lost interest in it. */
export type Ask = (question: unknown) => Promise<unknown>

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (error: Error) => void }

/**
 * Makes this thread a worker of a {@link WorkerPool}. What a job throws is told with its causes.
 *
 * @example
 * serveJobs(async (job, ask) => compute(job as Job, await ask('what is missing?')))
 */
export function serveJobs(perform: (job: unknown, ask: Ask) => Promise<unknown>): void {
  if (!parentPort) throw new TypeError('jobs are served in a worker thread')
  const port = parentPort
  const send = (message: FromWorker): void => port.postMessage(message)
  let waiting: Waiting | undefined
  const ask: Ask = (question) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      send({ kind: 'question', question })
    })
  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'job':
        void answerJob(message.job)
        return
      case 'answer':
        waiting?.resolve(message.answer)
        return
      case 'refusal':
        waiting?.reject(new TypeError('nobody waits for the job any more'))
    }
  })

  async function answerJob(job: unknown): Promise<void> {
    try {
      send({ kind: 'result', result: await perform(job, ask) })
    } catch (error) {
      send({ kind: 'failure', failure: packError(error) })
    }
  }
}
