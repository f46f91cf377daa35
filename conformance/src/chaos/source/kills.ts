import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { closeServer, listenOnLoopback } from '@sluice/cli'
import { directoryUnder, gitHttpHandler } from '@sluice/git'
import { systemClock, unpackTarGz } from '@sluice/host'
import type { FileTree } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import type { Campaign } from '../registry.ts'

const steps = ['fetch', 'archive', 'link', 'verify', 'collect'] as const
const branches = ['old', 'new'] as const
const fileCount = 120
/** A step takes about so long; the kill comes at some moment of it. */
const longestDelayMs = 25
/** Rounds that a life goes through before the one that ends it. */
const mostRounds = 3

/**
 * Kills a process in each step of a fetch in turn, again and again on the same store, and looks at what is left each time:
 * every artifact is the old one or the new one, whole, and the link leads to one of them.
 */
export const campaign: Campaign = async ({ kills, seed, log }) => {
  const root = mkdtempSync(join(tmpdir(), 'sluice-chaos-source-'))
  const random = seededRandom(seed)
  const commits = createRepository(join(root, 'git/app'))
  const server = createServer(
    gitHttpHandler({
      locate: (path) => directoryUnder(join(root, 'git'), `${path}/.git`),
      authorize: () => 'read',
    }),
  )
  const port = await listenOnLoopback(server, 0)
  const store = join(root, 'store')
  let passed = 0
  let failed = 0
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const step = steps[kill % steps.length] ?? 'fetch'
      // One life after the other, each on what the last one left.
      await live([store, `http://127.0.0.1:${port}/app`], {
        step,
        rounds: 1 + Math.floor(random.float() * mostRounds),
        delayMs: random.float() * longestDelayMs,
      })
      const problems = await problemsIn(join(store, 'gitrepository/apps/app'), commits)
      if (problems.length === 0) passed += 1
      else failed += 1
      for (const problem of problems.slice(0, 5)) log(`kill ${kill + 1} in ${step}: ${problem}`)
    }
    log(`seed ${seed}: ${kills} kills in ${steps.length} steps`)
  } finally {
    await closeServer(server)
    rmSync(root, { recursive: true, force: true })
  }
  return { passed, failed }
}

/** A repository whose two branches have the same files with other contents. The text of each commit's files. */
function createRepository(directory: string): ReadonlyMap<string, string> {
  mkdirSync(directory, { recursive: true })
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', directory, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      encoding: 'utf8',
    }).trim()
  git('init', '--quiet')
  return new Map(
    branches.map((branch) => {
      git('checkout', '--quiet', '--orphan', branch)
      for (let index = 0; index < fileCount; index += 1) {
        writeFileSync(join(directory, `file-${index}`), contentOf(branch, index))
      }
      git('add', '--all')
      git('commit', '--quiet', '--message', branch)
      return [git('rev-parse', 'HEAD'), branch] as const
    }),
  )
}

function contentOf(branch: string, index: number): string {
  return `${branch} ${index}\n`.repeat(200)
}

type Life = { readonly step: string; readonly rounds: number; readonly delayMs: number }

/** Runs the victim until it is in the step for the n-th time, and kills it a moment later. */
async function live(args: readonly string[], { step, rounds, delayMs }: Life): Promise<void> {
  const script = fileURLToPath(new URL('./victim.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@sluice/source', '--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  await reached(child, step, rounds)
  await systemClock.sleep(delayMs)
  child.kill('SIGKILL')
  await ended
}

function reached(child: ChildProcess, step: string, rounds: number): Promise<void> {
  return new Promise((resolve) => {
    let left = rounds
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === `step ${step}`) left -= 1
        if (left === 0) resolve()
      })
    }
    child.once('close', () => resolve())
  })
}

async function problemsIn(
  directory: string,
  commits: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  if (!existsSync(directory)) return []
  const problems: string[] = []
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (lstatSync(path).isSymbolicLink()) {
      // What is collected is never what the link leads to.
      if (name === 'latest.tar.gz' && !existsSync(path)) {
        problems.push(`the link leads to ${readlinkSync(path)}, which is gone`)
      }
    } else if (name.endsWith('.tar.gz') && !name.startsWith('.')) {
      problems.push(...(await problemsWith(path, commits.get(name.replace('.tar.gz', '')))))
    }
  }
  return problems
}

async function problemsWith(path: string, branch: string | undefined): Promise<readonly string[]> {
  if (branch === undefined) return [`${path} is of no commit`]
  try {
    const tree = await unpackTarGz(readFileSync(path), { maxBytes: 64 * 1024 * 1024 })
    return isWhole(tree, branch) ? [] : [`${path} is not the tree of ${branch}`]
  } catch (error) {
    return [`${path}: ${String(error)}`]
  }
}

function isWhole(tree: FileTree, branch: string): boolean {
  const decoder = new TextDecoder()
  return (
    tree.list('').length === fileCount &&
    Array.from({ length: fileCount }, (_, index) => index).every(
      (index) => decoder.decode(tree.read(`file-${index}`)) === contentOf(branch, index),
    )
  )
}
