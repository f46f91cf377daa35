import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from './sluice-process.ts'

/** The bundle that is run. */
export const bundledProgram: string = fileURLToPath(new URL('../../../dist/sluice.js', import.meta.url))

/** A line of a controller's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string }

/** `sluice controller` as a process of its own. */
export type ControllerProcess = AsyncDisposable & {
  readonly pid: number
  /** Its log so far. */
  readonly log: readonly LogLine[]
  /** The port on which it serves this, once it does. */
  readonly port: (what: 'metrics' | 'health' | 'artifacts') => Promise<number>
  /** The text of one of its addresses, with the status. */
  readonly get: (
    what: 'metrics' | 'health' | 'artifacts',
    path: string,
  ) => Promise<{ readonly status: number; readonly text: string }>
  /** Waits for a line that begins with `message`. */
  readonly logged: (message: string) => Promise<LogLine>
  /** Ends it and returns the exit code, if it came to that, and how long it took in milliseconds. */
  readonly end: (signal: NodeJS.Signals) => Promise<{ readonly code: number | null; readonly tookMs: number }>
  /** The exit code, when it ends by itself. */
  readonly ended: Promise<number | null>
}

const withinMs = 30_000

/**
 * @param command what is run: the program with its word for controllers, or a link to it under a controller's name
 * @throws when the program has not been bundled (`npm run bundle`).
 */
export function startController(
  args: readonly string[],
  {
    env = {},
    command = [bundledProgram, 'controller'],
  }: { readonly env?: Readonly<Record<string, string>>; readonly command?: readonly string[] } = {},
): ControllerProcess {
  if (!existsSync(bundledProgram)) throw new Error(`${bundledProgram} is missing: run npm run bundle`)
  const addresses = ['metrics', 'health'].map((what) => `--${what}-addr=127.0.0.1:0`)
  const child = spawn(process.execPath, [...command, ...args, ...addresses], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: LogLine[] = []
  collect(child, log)
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
  })
  const logged = async (message: string): Promise<LogLine> => {
    const find = (): LogLine | undefined => log.find(({ msg }) => msg.startsWith(message))
    const what = (): string => `'${message}' in ${JSON.stringify(log.slice(-20))}`
    await until(() => find() !== undefined, { what, withinMs })
    return find() ?? { msg: '' }
  }
  const port: ControllerProcess['port'] = async (what) => Number((await logged(`serving ${what}`))['port'])
  const end: ControllerProcess['end'] = async (signal) => {
    const began = performance.now()
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return { code: await ended, tookMs: performance.now() - began }
  }

  return {
    pid: child.pid ?? 0,
    log,
    port,
    logged,
    end,
    ended,
    get: async (what, path) => {
      const response = await fetch(`http://127.0.0.1:${await port(what)}${path}`)
      return { status: response.status, text: await response.text() }
    },
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
    },
  }
}

/** Lines that are no JSON, such as the last words of the command line, are kept as messages. */
function collect(child: ChildProcess, log: LogLine[]): void {
  if (!child.stderr) return
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line })
  })
}
