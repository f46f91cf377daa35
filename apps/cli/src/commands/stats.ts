import { isApiError } from '@sluice/cluster'
import { findCondition, type SourceStatus, type ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import type { CommandContext, ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import { type CliKind, cliKind } from '../kinds.ts'
import { formatTable } from '../output/table.ts'

export type StatsFlags = ObjectFlags & { readonly allNamespaces: boolean }

// Flux's order.
const kinds = [
  'GitRepository',
  'OCIRepository',
  'HelmRepository',
  'HelmChart',
  'Bucket',
  'Kustomization',
  'HelmRelease',
  'Alert',
  'Provider',
  'Receiver',
  'ImageUpdateAutomation',
  'ImagePolicy',
  'ImageRepository',
]
const header = ['RECONCILERS', 'RUNNING', 'FAILING', 'SUSPENDED', 'STORAGE']

export function addStats(program: Command, context: CommandContext): void {
  const command = program
    .command('stats')
    .description('count objects by how they are')
    .option('-A, --all-namespaces', 'of all namespaces', false)
    .action(({ allNamespaces }: { allNamespaces: boolean }) =>
      statsCommand({ flags: { ...objectFlags(command), allNamespaces }, context }),
    )
}

/** `stats [-A]`: for each kind, how many are reconciled, fail and are suspended, and the size of their artifacts. */
export async function statsCommand({
  flags,
  context,
}: {
  readonly flags: StatsFlags
  readonly context: CommandContext
}): Promise<void> {
  const { cluster } = await context.connect(flags)
  const scope = {
    signal: context.signal,
    ...(flags.allNamespaces ? {} : { namespace: flags.namespace }),
  }
  const rows = await Promise.all(
    kinds.map(cliKind).map(async (kind) => {
      try {
        const { items } = await cluster.list<ToolkitObject>(kind.resource, scope)
        return row(kind, items)
      } catch (error) {
        if (isApiError(error, 'NotFound')) return row(kind, [])
        throw error
      }
    }),
  )
  context.terminal.out(formatTable(header, rows))
}

function row({ kind }: CliKind, objects: readonly ToolkitObject[]): string[] {
  const suspended = objects.filter(({ spec }) => spec.suspend === true).length
  const failing = objects.filter(
    ({ status }) => findCondition(status?.conditions ?? [], 'Ready')?.status === 'False',
  ).length
  const bytes = objects.reduce((sum, it) => sum + ((it.status as SourceStatus)?.artifact?.size ?? 0), 0)
  return [kind, `${objects.length - suspended}`, `${failing}`, `${suspended}`, formatSize(bytes)]
}

/** `-` for nothing, else in the largest binary unit that gives at least 1. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '-'
  if (bytes < 1024) return `${bytes} B`
  const exponent = Math.min(Math.floor(Math.log2(bytes) / 10), 6)
  return `${(bytes / 1024 ** exponent).toFixed(1)} ${'KMGTPE'[exponent - 1]}iB`
}
