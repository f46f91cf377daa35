import { silentLogger } from '@sluice/ports'
import { createProgram } from '../src/program.ts'
import { recordingContext } from './recording-context.ts'

/** Runs without a cluster; returns what went to stdout. */
export async function stdoutOf(workingDirectory: string, ...args: readonly string[]): Promise<string> {
  const { context, written } = recordingContext({ workingDirectory })
  const program = await createProgram('sluice', args, { context, log: () => silentLogger })
  await program.parseAsync(args, { from: 'user' })
  return written.stdout
}
