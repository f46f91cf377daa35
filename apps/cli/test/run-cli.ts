import { createApiServer, inProcessTransport, memoryStorage } from '@sluice/apiserver'
import { type Cluster, createCluster } from '@sluice/cluster'
import { type KubeObject, silentLogger } from '@sluice/ports'
import type { CommandContext } from '../src/command-context.ts'
import { runProgram } from '../src/run-program.ts'
import { installToolkit } from '../src/up/install-toolkit.ts'
import { recordingContext } from './recording-context.ts'

export type CliResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** A command line in front of a cluster of its own, on which no controllers run. */
export type CliWorld = AsyncDisposable & {
  readonly cluster: Cluster
  readonly run: (...args: readonly string[]) => Promise<CliResult>
  /** Creates an object, and its status when it has one. */
  readonly put: (object: KubeObject) => Promise<void>
  readonly get: (apiVersion: string, kind: string, name: string) => Promise<KubeObject>
}

const write = { fieldManager: 'test' } as const

export async function cliWorld(overrides: Partial<CommandContext> = {}): Promise<CliWorld> {
  const stop = new AbortController()
  const { signal } = stop
  const server = await createApiServer({ storage: memoryStorage(), log: silentLogger })
  const cluster = createCluster(inProcessTransport(server))
  await installToolkit(cluster, signal)
  const run = async (...args: readonly string[]): Promise<CliResult> => {
    const { context, written } = recordingContext({
      signal,
      connect: () => Promise.resolve({ cluster, contextNamespace: undefined }),
      ...overrides,
    })
    const exitCode = await runProgram('flux', args, { context, log: () => silentLogger })
    return { exitCode, ...written }
  }
  return {
    cluster,
    run,
    put: async (object) => {
      const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
      await cluster.create(resource, object, { ...write, signal })
      const { name = '', namespace } = object.metadata
      const status = object['status']
      if (status === undefined) return
      await cluster.patch(
        resource,
        { name, ...(namespace !== undefined && { namespace }) },
        { ...write, signal, subresource: 'status', patch: { kind: 'merge', body: { status } as never } },
      )
    },
    get: async (apiVersion, kind, name) => {
      const resource = await cluster.resourceFor(apiVersion, kind, { signal })
      return cluster.get(resource, { namespace: 'flux-system', name }, { signal })
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await server.close()
    },
  }
}

/** A condition Ready of the first generation. */
export function readyCondition(message: string, status = 'True'): Record<string, unknown> {
  return {
    type: 'Ready',
    status,
    reason: 'Succeeded',
    message,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration: 1,
  }
}
