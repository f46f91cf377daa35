import { silentLogger } from '@sluice/ports'
import { fakeClock } from '@sluice/ports/testing'
import { createProgram } from '../src/program.ts'

/** Runs without a cluster; returns what went to stdout. */
export async function stdoutOf(workingDirectory: string, ...args: readonly string[]): Promise<string> {
  let stdout = ''
  const program = createProgram(
    'sluice',
    {
      terminal: {
        out: (text) => {
          stdout += text
        },
        err: () => {},
        interactive: false,
        columns: 120,
      },
      clock: fakeClock(0),
      workingDirectory,
      environment: {},
      signal: new AbortController().signal,
      confirm: () => Promise.resolve(false),
      connect: () => Promise.reject(new Error('there is no cluster')),
    },
    () => silentLogger,
  )
  await program.parseAsync(args, { from: 'user' })
  return stdout
}
