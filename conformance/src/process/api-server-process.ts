import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  applyStaged,
  type Cluster,
  connectionFor,
  createCluster,
  httpTransport,
  nodeSurroundings,
  parseKubeConfig,
} from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
import { customResourceDefinitions } from '@sluice/toolkit'

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } }

/** An API server in another process, with the kinds and the namespace of the toolkit. */
export type ApiServerProcess = AsyncDisposable & {
  readonly url: string
  readonly kubeconfig: string
  /** As an administrator, over HTTPS. */
  readonly cluster: Cluster
  readonly pid: number
}

export async function startApiServer(signal: AbortSignal): Promise<ApiServerProcess> {
  const script = fileURLToPath(new URL('./api-server-main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@sluice/source', '--import', 'tsx', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const { url, kubeconfig } = await firstLine(child)
  const http = createHttp()
  const connection = await connectionFor(parseKubeConfig(kubeconfig), {
    clock: systemClock,
    surroundings: nodeSurroundings({ env: {}, homeDirectory: '/' }),
    trusted: true,
  })
  const cluster = createCluster(httpTransport(connection, { http, clock: systemClock }))
  await applyStaged([namespace, ...customResourceDefinitions()], {
    cluster,
    clock: systemClock,
    signal,
    fieldManager: 'flux',
  })
  return {
    url,
    kubeconfig,
    cluster,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      await http.close()
      const ended = new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
      })
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function firstLine(
  child: ChildProcess,
): Promise<{ readonly url: string; readonly kubeconfig: string }> {
  if (!child.stdout) throw new Error('the API server has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const told: { readonly url: string; readonly kubeconfig: string } = JSON.parse(line)
    return told
  }
  throw new Error('the API server ended without a word')
}
