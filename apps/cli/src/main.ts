import { basename } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { systemClock } from '@sluice/host'
import type { Logger } from '@sluice/ports'
import type { CommandContext } from './command-context.ts'
import type { Terminal } from './output/terminal.ts'
import type { ProgramName } from './program.ts'
import { interruptedExitCode, runProgram } from './run-program.ts'

// How much bytecode V8 runs before it optimizes a function, fifteen times its default: a command that takes a second
// would spend a third of it on code that it soon ends with (decision 0341).
const commandInterruptBudget = 1_000_000
// What goes on for days is to be optimized soon.
const lasting = ['up', 'controller']
// A person who interrupts waits no longer than this.
const stopWithinMs = 1_800

process.exitCode = await main(process.argv)
// What a failed start left open would keep the process alive.
if (process.exitCode !== 0) process.exit()

async function main([, path = '', ...given]: readonly string[]): Promise<number> {
  const { name, args } = called(path, given)
  if (!lasting.includes(args[0] ?? '')) setFlagsFromString(`--interrupt-budget=${commandInterruptBudget}`)
  const interrupt = new AbortController()
  let endsByItself = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupt.abort()
      if (!endsByItself) setTimeout(() => process.exit(interruptedExitCode), stopWithinMs).unref()
    })
  }
  const terminal: Terminal = {
    out: (written) => process.stdout.write(written),
    err: (written) => process.stderr.write(written),
    interactive: process.stderr.isTTY,
    columns: process.stderr.columns || 120,
  }
  const context: CommandContext = {
    terminal,
    clock: systemClock,
    workingDirectory: process.cwd(),
    environment: process.env,
    signal: interrupt.signal,
    endsByItself: () => {
      endsByItself = true
    },
    confirm: (question) => confirm(question, interrupt.signal),
    readInput,
    connect: async (flags) =>
      (await import('./connect.ts')).connect(flags, {
        workingDirectory: process.cwd(),
        environment: process.env,
      }),
  }
  return runProgram(name, args, { context, log: openLog })
}

/** What is run under the name of one of Flux's controllers is that controller. */
function called(
  path: string,
  args: readonly string[],
): { readonly name: ProgramName; readonly args: readonly string[] } {
  const program = basename(path).replace(/\.\w+$/, '')
  const isController = /^([a-z]+-)+controller$|^source-watcher$/.test(program)
  if (isController) return { name: 'sluice', args: ['controller', program, ...args] }
  return { name: program === 'flux' ? 'flux' : 'sluice', args }
}

async function openLog(level: string, encoding?: 'json' | 'console'): Promise<Logger> {
  const { processLogger } = await import('./output/process-logger.ts')
  return processLogger(level, encoding)
}

async function readInput(): Promise<string> {
  const { text } = await import('node:stream/consumers')
  return text(process.stdin)
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const { createInterface } = await import('node:readline/promises')
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `, { signal })).trim())
  } finally {
    prompt.close()
  }
}
