import { createInterface } from 'node:readline/promises'
import { systemClock } from '@sluice/host'
import { errorChain } from '@sluice/ports'
import { CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import type { CommandContext } from './command-context.ts'
import { connect } from './connect.ts'
import { processLogger } from './output/process-logger.ts'
import { statusLines, type Terminal } from './output/terminal.ts'
import { createProgram, type ProgramName } from './program.ts'

// A person who interrupts waits no longer than this.
const stopWithinMs = 1_800
const interruptedExitCode = 130

process.exitCode = await main(process.argv)
// What a failed start left open would keep the process alive.
if (process.exitCode !== 0) process.exit()

async function main([, path = '', ...args]: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupt.abort()
      setTimeout(() => process.exit(interruptedExitCode), stopWithinMs).unref()
    })
  }
  const terminal: Terminal = {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    interactive: process.stderr.isTTY,
    columns: process.stderr.columns || 120,
  }
  const context: CommandContext = {
    terminal,
    clock: systemClock,
    workingDirectory: process.cwd(),
    environment: process.env,
    signal: interrupt.signal,
    confirm: (question) => confirm(question, interrupt.signal),
    connect: (flags) => connect(flags, { workingDirectory: process.cwd(), environment: process.env }),
  }
  const name: ProgramName = /\bflux(\.\w+)?$/.test(path) ? 'flux' : 'sluice'
  try {
    await createProgram(name, context, processLogger).parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    if (interrupt.signal.aborted) return interruptedExitCode
    report(error, terminal)
    return 1
  }
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal })).trim())
  } finally {
    prompt.close()
  }
}

function report(error: unknown, terminal: Terminal): void {
  if (error instanceof CliError) {
    statusLines(terminal).failure(error.message)
    if (error.nextStep !== undefined) terminal.err(`  ${error.nextStep}\n`)
    return
  }
  statusLines(terminal).failure(errorChain(error))
}
