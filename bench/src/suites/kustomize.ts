// kustomize builds in this process against `kubectl kustomize` of the same trees, in one run: CPU of both.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, printResources } from '@sluice/kustomize'
import { type FileTree, memoryFileTree } from '@sluice/ports'
import { parseDocuments } from '@sluice/yaml'
import { type Benchmark, percentiles, type Report } from '../benchmark.ts'
import { crds, manyResources, overlays, smallOverlay } from '../kustomize-trees.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))
const recordings = join(project, '../shared/conformance/kustomize/real')
const kubectl = [join(project, 'tools/bin/kubectl'), '/usr/bin/kubectl'].find((it) => existsSync(it))
const warmRuns = 9

type Work = {
  readonly name: string
  /** Whether the issue sets a goal for a new process: where the work, not the start, is what takes time. */
  readonly cold: boolean
  readonly files: ReadonlyMap<string, string>
  readonly path: string
}

export const benchmark: Benchmark = async (report) => {
  using folder = temporaryFolder()
  const works: Work[] = [
    { name: 'small overlay', cold: false, files: smallOverlay(), path: 'overlay' },
    { name: '50 overlays of one base', cold: false, files: overlays(50), path: 'all' },
    { name: 'CRDs of 3 MB', cold: true, files: crds(60), path: '.' },
    ...recorded("Argo CD's manifests", 'argoproj+argo-cd-manifests_cluster-install'),
    { name: '2,000 resources with prefix and labels', cold: true, files: manyResources(2_000), path: '.' },
  ]
  for (const work of works) await compare(report, work, folder.path)
  measureLinearity(report)
  measureTree(report)
}

async function compare(report: Report, work: Work, folder: string): Promise<void> {
  const tree = memoryFileTree(work.files)
  const warm = warmCpuMs(() => buildText(tree, work.path), warmRuns)
  report.figure(`${work.name}, warm build`, warm, 'ms CPU')
  if (!kubectl) return
  const directory = join(folder, work.name.replaceAll(/\W/g, '-'))
  writeFiles(directory, work.files)
  const real = realCpuMs(join(directory, work.path))
  report.figure(`${work.name}, kubectl kustomize`, real, 'ms CPU')
  report.goal(`${work.name}, warm to the original`, warm / real, { unit: 'x CPU', atMost: 0.2 })
  const cold = await coldRun(directory, work.path)
  const what = `${work.name}, cold process to the original`
  if (work.cold) report.goal(what, cold.cpuMs / real, { unit: 'x CPU', atMost: 1 })
  else report.figure(what, cold.cpuMs / real, 'x CPU')
}

/** Ten times the resources must not cost much more than ten times the CPU. */
function measureLinearity(report: Report): void {
  const [few, many] = [2_000, 20_000].map((count) => {
    const tree = memoryFileTree(manyResources(count))
    return warmCpuMs(() => buildText(tree, '.'), 3)
  })
  report.goal('20,000 to 2,000 resources', (many ?? 0) / (few ?? 1), { unit: 'x CPU', atMost: 13 })
}

/** A YAML stream of 5 MB in 4,500 documents as a node tree. */
function measureTree(report: Report): void {
  const documents = [...crds(1).values()].at(-1)?.slice(0, 1_100) ?? ''
  const whole = documents.slice(0, documents.lastIndexOf('\n') + 1)
  const text = Array.from({ length: 4_500 }, () => whole).join('---\n')
  report.figure('the stream', text.length / 1e6, 'MB')
  report.goal(
    '5 MB of YAML as a node tree',
    warmCpuMs(() => parseDocuments(text).length, 5),
    {
      unit: 'ms CPU',
      atMost: 600,
    },
  )
}

function buildText(tree: FileTree, path: string): number {
  return printResources(build(tree, path).resources).length
}

/** Median CPU of a run, after two to warm up. */
function warmCpuMs(run: () => number, runs: number): number {
  run()
  run()
  const samples: number[] = []
  for (let i = 0; i < runs; i += 1) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    samples.push((user + system) / 1e3)
  }
  return percentiles(samples).p50
}

/** CPU of `kubectl kustomize`, the least of three runs. */
function realCpuMs(directory: string): number {
  const runs = [1, 2, 3].map(() => timed(`'${kubectl}' kustomize '${directory}'`))
  return Math.min(...runs)
}

/** CPU of a new process of ours that reads the tree from disk, builds and prints it. */
async function coldRun(directory: string, path: string): Promise<{ cpuMs: number }> {
  const entry = join(project, 'bench/dist/kustomize-cold.js')
  if (!existsSync(entry)) await bundleCold(entry)
  const runs = [1, 2, 3].map(() => timed(`'${process.execPath}' '${entry}' '${directory}' '${path}'`))
  return { cpuMs: Math.min(...runs) }
}

function timed(command: string): number {
  const script = `TIMEFORMAT='%U %S'; time ${command} >/dev/null 2>&1`
  const { stderr } = runShell(script)
  const [user = '0', system = '0'] = stderr.trim().split('\n').at(-1)?.split(' ') ?? []
  return (Number(user) + Number(system)) * 1e3
}

function runShell(script: string): { stderr: string } {
  return { stderr: execFileSync('bash', ['-c', `{ ${script}; } 2>&1`], { encoding: 'utf8' }) }
}

/** The engine as one file, as the shipped program has it. */
async function bundleCold(outfile: string): Promise<void> {
  const { build: bundle } = await import('esbuild')
  await bundle({
    entryPoints: [join(project, 'bench/src/kustomize-cold.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@sluice/source'],
    target: 'node20',
  })
}

/** A recorded tree of a real project, where the recordings are there. */
function recorded(name: string, folder: string): Work[] {
  const directory = join(recordings, folder)
  if (!existsSync(directory)) return []
  const meta: { readonly path: string } = JSON.parse(readFileSync(join(directory, 'meta.json'), 'utf8'))
  const input = join(directory, 'input')
  const files = new Map<string, string>()
  for (const entry of readdirSync(input, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(input.length + 1), readFileSync(path, 'utf8'))
  }
  return [{ name, cold: true, files, path: meta.path }]
}

function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}

function temporaryFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}
