import type { Cluster } from '@sluice/cluster'
import { errorChain, type KubeObject } from '@sluice/ports'
import { labels } from '@sluice/toolkit'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import type { LogRange, LogsFlags } from '../logs.ts'
import { type PrintLine, timeOf } from './log-entry.ts'

const pollMs = 1_000
/** The container of Flux's pods that logs are of, where there are several. */
const managerContainer = 'manager'

type Pod = KubeObject & {
  readonly spec?: { readonly containers?: readonly unknown[] }
  readonly status?: { readonly phase?: string; readonly startTime?: string }
}
type Deployment = KubeObject & {
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }
  }
}

/** Prints the logs of a pod of each of Flux's Deployments; false when there are none. @throws {CliError} */
export async function podLogs(
  cluster: Cluster,
  parts: {
    readonly context: CommandContext
    readonly flags: LogsFlags
    readonly range: LogRange
    readonly print: PrintLine
  },
): Promise<boolean> {
  const pods = await controllerPods(cluster, parts.flags.fluxNamespace, parts.range.signal)
  if (pods.length === 0) return false
  const failures: unknown[] = []
  const printOne = async (pod: Pod): Promise<void> => {
    try {
      await printLog(cluster, pod, parts)
    } catch (error) {
      parts.range.signal.throwIfAborted()
      parts.context.terminal.err(`failed getting logs: ${errorChain(error)}\n`)
      failures.push(error)
    }
  }
  if (parts.range.follow) {
    await Promise.all(pods.map(printOne))
  } else {
    // One after the other, so that their lines do not mix.
    for (const pod of pods) await printOne(pod)
  }
  if (failures.length > 0) throw new CliError('failed to collect logs from all Flux pods')
  return true
}

/** A pod of each Deployment, best one that runs. */
async function controllerPods(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const deployments = await cluster.resourceFor('apps/v1', 'Deployment', { signal })
  const pods = await cluster.resourceFor('v1', 'Pod', { signal })
  const { items } = await cluster.list<Deployment>(deployments, {
    namespace,
    labelSelector: `${labels.partOf}=flux`,
    signal,
  })
  const lists = await Promise.all(
    items.map(({ spec }) => {
      const own = Object.entries(spec?.template?.metadata?.labels ?? {})
      const labelSelector = own.map(([key, value]) => `${key}=${value}`).join(',')
      return cluster.list<Pod>(pods, { namespace, labelSelector, signal })
    }),
  )
  return lists.flatMap(({ items: found }) => found.toSorted((a, b) => rank(a) - rank(b)).slice(0, 1))
}

function rank({ status }: Pod): number {
  return status?.phase === 'Running' ? 0 : 1
}

/** Following is asking again for what is newer: logs are no stream of objects, which is all that clusters have. */
async function printLog(
  cluster: Cluster,
  pod: Pod,
  {
    context,
    range,
    print,
  }: { readonly context: CommandContext; readonly range: LogRange; readonly print: PrintLine },
): Promise<void> {
  let since = range.since
  let lines = await readLog(cluster, pod, { since, tail: range.tail, signal: range.signal })
  let printed = new Set<string>()
  for (;;) {
    for (const line of lines) {
      if (!printed.has(line) && !print(line)) return
    }
    if (!range.follow || range.signal.aborted) return
    const last = lines.map(timeOf).findLast((time) => time !== undefined)
    // Servers count whole seconds: what was printed of the last one comes again.
    since = last === undefined ? (since ?? context.clock.now()) : last
    const second = Math.floor(since / 1_000)
    printed = new Set(lines.filter((line) => Math.floor((timeOf(line) ?? 0) / 1_000) >= second))
    await context.clock.sleep(pollMs, range.signal).catch(() => undefined)
    lines = range.signal.aborted ? [] : await readLog(cluster, pod, { since, signal: range.signal })
  }
}

async function readLog(
  cluster: Cluster,
  { metadata: { name = '', namespace = '' }, spec }: Pod,
  {
    since,
    tail,
    signal,
  }: { readonly since: number | undefined; readonly tail?: number | undefined; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { body } = await cluster.request(
    {
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/log`,
      accept: 'text/plain, */*',
      query: {
        ...(since !== undefined && { sinceTime: new Date(since).toISOString() }),
        ...(tail !== undefined && tail > -1 && { tailLines: String(tail) }),
        ...((spec?.containers ?? []).length > 1 && { container: managerContainer }),
      },
    },
    { signal },
  )
  // One line alone is JSON, and has been read as such.
  return (typeof body === 'string' ? body : JSON.stringify(body)).split('\n')
}
