import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Cluster, nodeSurroundings, remoteClusters } from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'

const program = fileURLToPath(new URL('../../../dist/sluice.js', import.meta.url))
const startWithinMs = 30_000
const pollMs = 50

/** `sluice up` as a process of its own, in a directory of its own, with the tutorial. */
export type SluiceProcess = {
  readonly directory: string
  readonly kubeconfig: string
  /** Talks HTTPS to the running server. */
  readonly cluster: () => Promise<Cluster>
  /** Starts it (again) and returns once the API server answers. */
  readonly start: () => Promise<void>
  /** `kill -9`. */
  readonly kill: () => Promise<void>
  /** Ctrl-C. Returns the milliseconds until it ended. */
  readonly interrupt: () => Promise<number>
  /** Everything it has printed since its last start. */
  readonly output: () => string
  /** Resident memory in bytes (Linux), 0 where the system does not tell. */
  readonly memoryBytes: () => number
  /** A clone of the tutorial's repository; pushes reach the process's Git server. */
  readonly clone: () => string
  readonly dispose: () => Promise<void>
}

/** @throws when the program has not been bundled (`npm run bundle`). */
export function sluiceProcess(): SluiceProcess {
  if (!existsSync(program)) throw new Error(`${program} is missing: run npm run bundle`)
  const directory = mkdtempSync(join(tmpdir(), 'sluice-process-'))
  const kubeconfig = join(directory, '.sluice/kubeconfig')
  let child: ChildProcess | undefined
  let output = ''

  // New for each call: a connection to a killed process is of no use.
  const cluster = (): Promise<Cluster> => {
    const connect = remoteClusters({
      http: createHttp(),
      clock: systemClock,
      surroundings: nodeSurroundings({ env: {}, homeDirectory: '/' }),
      trusted: false,
    })
    return connect(readFileSync(kubeconfig, 'utf8'))
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = new Promise<void>((resolve) => {
      ending.once('exit', () => resolve())
    })
    ending.kill(signal)
    await ended
  }

  return {
    directory,
    kubeconfig,
    cluster,
    start: async () => {
      output = ''
      child = spawn(process.execPath, [program, 'up'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      }
      await until(
        () => {
          if (child?.exitCode !== null) throw new Error(`sluice up ended: ${output}`)
          return output.includes('artifact server') && existsSync(kubeconfig)
        },
        { what: () => `the API server (${output})`, withinMs: startWithinMs },
      )
    },
    kill: () => end('SIGKILL'),
    interrupt: async () => {
      const begin = performance.now()
      await end('SIGINT')
      return performance.now() - begin
    },
    output: () => output,
    memoryBytes: () => residentBytes(child?.pid),
    clone: () => {
      const url = /git clone -q (\S+)/.exec(output)?.[1]
      if (url === undefined) throw new Error(`the clone command was not printed yet: ${output}`)
      const target = join(directory, 'clone')
      execFileSync('git', ['clone', '--quiet', url, target])
      for (const [name, value] of [
        ['user.name', 'Test'],
        ['user.email', 'test@example.com'],
      ] as const) {
        execFileSync('git', ['-C', target, 'config', name, value])
      }
      return target
    },
    dispose: async () => {
      await end('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Commits everything in a clone and pushes it. Returns the commit. */
export async function commitAndPush(clone: string, message: string): Promise<string> {
  execFileSync('git', ['-C', clone, 'add', '--all'])
  execFileSync('git', ['-C', clone, 'commit', '--quiet', '-m', message])
  // Not synchronous: the server may be in this process.
  await new Promise<void>((resolve, reject) => {
    spawn('git', ['-C', clone, 'push', '--quiet'], { stdio: 'ignore' }).once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`git push ended with ${code}`)),
    )
  })
  return execFileSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
}

/** Polls until `isTrue`. @throws when the time is up, naming what was waited for */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  { what, withinMs }: { readonly what: () => string; readonly withinMs: number },
): Promise<void> {
  const end = performance.now() + withinMs
  for (;;) {
    // Sequential by nature: this waits.
    if (await isTrue()) return
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms for ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** Reads one object; `undefined` when it does not exist or the server is not there. */
export async function read(
  cluster: Cluster,
  [apiVersion, kind, name]: readonly [string, string, string],
): Promise<KubeObject | undefined> {
  const signal = AbortSignal.timeout(5_000)
  try {
    const resource = await cluster.resourceFor(apiVersion, kind, { signal })
    return await cluster.get(resource, { namespace: 'default', name }, { signal })
  } catch {
    // Absent and not reachable yet are the same to those who poll.
    return undefined
  }
}

function residentBytes(pid: number | undefined): number {
  const file = `/proc/${pid}/status`
  if (!existsSync(file)) return 0
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) * 1_024
}
