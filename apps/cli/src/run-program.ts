import { errorChain } from '@sluice/ports'
import { CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import type { CommandContext } from './command-context.ts'
import type { OpenLog } from './commands/up.ts'
import { statusLines, type Terminal } from './output/terminal.ts'
import { createProgram, type ProgramName } from './program.ts'

/** What a shell says of a program that was interrupted. */
export const interruptedExitCode = 130

/** Runs one command line and tells what went wrong. Returns the exit code. */
export async function runProgram(
  name: ProgramName,
  args: readonly string[],
  { context, log }: { readonly context: CommandContext; readonly log: OpenLog },
): Promise<number> {
  try {
    const program = await createProgram(name, args, { context, log })
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    if (context.signal.aborted) return interruptedExitCode
    report(error, context.terminal)
    return error instanceof CliError ? error.exitCode : 1
  }
}

function report(error: unknown, terminal: Terminal): void {
  if (error instanceof CliError) {
    const lines = statusLines(terminal)
    if (error.isWarning) lines.warning(error.message)
    else lines.failure(error.message)
    if (error.nextStep !== undefined) terminal.err(`  ${error.nextStep}\n`)
    return
  }
  statusLines(terminal).failure(errorChain(error))
}
