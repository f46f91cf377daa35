import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  connectionFor,
  createCluster,
  httpTransport,
  KubeConfigError,
  loadKubeConfig,
  nodeSurroundings,
} from '@sluice/cluster'
import { createHttp, systemClock } from '@sluice/host'
import { CliError } from './cli-error.ts'
import type { Connection, ConnectionFlags } from './command-context.ts'

type Machine = {
  readonly workingDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Connects to the cluster that is meant: `--kubeconfig`, else the embedded one of the working directory, else
 * `KUBECONFIG`, else `~/.kube/config`.
 *
 * @throws {CliError} when there is no usable kubeconfig.
 */
export async function connect(
  { kubeconfig, context }: ConnectionFlags,
  { workingDirectory, environment }: Machine,
): Promise<Connection> {
  const surroundings = nodeSurroundings({ env: environment, homeDirectory: homedir() })
  const embedded = join(workingDirectory, '.sluice', 'kubeconfig')
  const path = kubeconfig ?? (existsSync(embedded) ? embedded : undefined)
  try {
    const config = await loadKubeConfig(surroundings, path === undefined ? {} : { path })
    const connection = await connectionFor(config, {
      clock: systemClock,
      surroundings,
      trusted: true,
      ...(context !== undefined && { context }),
    })
    const cluster = createCluster(httpTransport(connection, { http: createHttp(), clock: systemClock }))
    return { cluster, contextNamespace: connection.namespace }
  } catch (cause) {
    if (!(cause instanceof KubeConfigError)) throw cause
    throw new CliError(cause.message, {
      nextStep: 'name a kubeconfig with --kubeconfig, or start a cluster here with `npm start`',
      cause,
    })
  }
}
