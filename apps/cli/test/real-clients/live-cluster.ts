import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createApiServer, inProcessTransport } from '@sluice/apiserver'
import { createCluster } from '@sluice/cluster'
import { systemClock } from '@sluice/host'
import { runNode } from '@sluice/node'
import { silentLogger } from '@sluice/ports'

const run = promisify(execFile)
const tools = fileURLToPath(new URL('../../../../tools/bin', import.meta.url))
const path = [tools, process.env['PATH'] ?? `/usr/bin${delimiter}/bin`].join(delimiter)

/** Whether a program is among the project's tools or on the path. */
export function isInstalled(program: string): boolean {
  return path.split(delimiter).some((directory) => existsSync(join(directory, program)))
}

/** A server with a simulated node, which listens for programs that are not of this project. */
export type LiveCluster = AsyncDisposable & {
  /** What a program prints: both of its outputs when it fails. */
  readonly call: (program: string, ...words: readonly string[]) => Promise<string>
  /** Writes a file. @returns its path */
  readonly file: (name: string, text: string) => Promise<string>
}

export async function liveCluster(): Promise<LiveCluster> {
  const directory = await mkdtemp(`${tmpdir()}/sluice-clients-`)
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer()
  const { url } = await server.listen({ port: 0 })
  const cluster = createCluster(inProcessTransport(server))
  const log = silentLogger
  const running = new Set<Promise<void>>()
  await new Promise<void>((ready, failed) => {
    const node = runNode({ cluster, clock: systemClock, log, signal, runMs: 50, ready })
    running.add(node)
    node.catch(failed)
  })
  const file = async (name: string, text: string): Promise<string> => {
    const target = join(directory, name)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, text, { mode: 0o600 })
    return target
  }
  const kubeconfig = await file('kubeconfig', server.adminKubeconfig(url))
  const env = { PATH: path, HOME: directory, KUBECONFIG: kubeconfig, EDITOR: 'sed -i s/nginx/httpd/' }
  return {
    call: (program, ...words) =>
      run(program, words, { env, cwd: directory, timeout: 50_000 }).then(
        (it) => it.stdout,
        (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
      ),
    file,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await Promise.all(running)
      await server.close()
      await rm(directory, { recursive: true })
    },
  }
}
