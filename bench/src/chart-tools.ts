// Runs real helm, and ours in a process of its own, and tells what CPU they took.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { percentiles } from './benchmark.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const program = join(project, 'dist/sluice.js')
export const helm: string | undefined = [join(project, 'tools/bin/helm')].find((it) => existsSync(it))

/** CPU of `helm template` in milliseconds, the least of some runs. */
export function helmCpuMs(directory: string, values: readonly string[] = [], runs = 3): number {
  const flags = values.map((file) => `-f '${file}'`).join(' ')
  return leastCpuMs(`'${helm}' template rel '${directory}' ${flags}`, runs)
}

/** CPU of the shipped program that does the same: a process of its own. */
export function coldCpuMs(directory: string, values: readonly string[] = [], runs = 3): number {
  bundle()
  const flags = values.map((file) => `-f '${file}'`).join(' ')
  return leastCpuMs(`'${process.execPath}' '${program}' template rel '${directory}' ${flags}`, runs)
}

let isBundled = false

/** Brings the program up to date; what is there already may be older than the source. */
function bundle(): void {
  if (!isBundled) execFileSync('npm', ['run', '--silent', 'bundle'], { cwd: project })
  isBundled = true
}

function leastCpuMs(command: string, runs: number): number {
  return Math.min(...Array.from({ length: runs }, () => timed(command)))
}

function timed(command: string): number {
  const script = `{ TIMEFORMAT='%U %S'; time ${command} >/dev/null 2>&1; } 2>&1`
  const output = execFileSync('bash', ['-c', script], { encoding: 'utf8' })
  const [user = '0', system = '0'] = output.trim().split('\n').at(-1)?.split(' ') ?? []
  return (Number(user) + Number(system)) * 1e3
}

/** Median CPU in milliseconds of work in this process, once it is warm. */
export function warmCpuMs(work: () => unknown, runs = 7): number {
  work()
  work()
  const samples = Array.from({ length: runs }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e3
  })
  return percentiles(samples).p50
}

export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}

export function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
