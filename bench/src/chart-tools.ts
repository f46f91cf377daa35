// Runs real helm, and ours in a process of its own, and tells what CPU they took.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { percentiles } from './benchmark.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
export const helm: string | undefined = [join(project, 'tools/bin/helm')].find((it) => existsSync(it))

/** CPU of `helm template` in milliseconds, the least of some runs. */
export function helmCpuMs(directory: string, values: readonly string[] = [], runs = 3): number {
  const flags = values.map((file) => `-f '${file}'`).join(' ')
  return leastCpuMs(`'${helm}' template rel '${directory}' ${flags}`, runs)
}

/** CPU of a process of ours that does the same. */
export async function coldCpuMs(
  directory: string,
  values: readonly string[] = [],
  runs = 3,
): Promise<number> {
  const entry = await bundled()
  const files = values.map((file) => `'${file}'`).join(' ')
  return leastCpuMs(`'${process.execPath}' '${entry}' '${directory}' ${files}`, runs)
}

let entryFile: string | undefined

/** The engine as one file, as the shipped program has it; made anew in each run. */
async function bundled(): Promise<string> {
  if (entryFile !== undefined) return entryFile
  const outfile = join(project, 'bench/dist/chart-cold.mjs')
  const { build } = await import('esbuild')
  await build({
    entryPoints: [join(project, 'bench/src/chart-cold.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@sluice/source'],
    target: 'node20',
    external: ['openpgp', 'ssh2', 'cpu-features'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  entryFile = outfile
  return outfile
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
