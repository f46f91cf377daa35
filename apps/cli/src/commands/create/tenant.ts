import { type Cluster, isApiError } from '@sluice/cluster'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { labels } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal } from '../../command-context.ts'
import { commaSeparated } from '../../flags.ts'
import { manifestText } from '../../output/export-text.ts'
import { statusLines } from '../../output/terminal.ts'
import { addCreateCommand, type CreateFlags, upsert } from './creation.ts'

type Flags = {
  readonly withNamespace?: readonly string[]
  readonly clusterRole: string
  readonly withServiceAccount?: string
  readonly skipNamespace: boolean
}

export function addCreateTenant(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'tenant', {
    context,
    description: 'create or update a tenant: namespaces with an account that may reconcile in them',
    action: (tenant, { flags }) => createTenant(tenant, { flags, context }),
  })
    .option('--with-namespace <names>', 'namespaces of the tenant', commaSeparated)
    .option('--cluster-role <name>', 'role in these namespaces', 'cluster-admin')
    .option('--with-service-account <name>', 'name of the account; the tenant when absent')
    .option('--skip-namespace', 'leave the namespaces alone', false)
}

async function createTenant(
  tenant: string,
  { flags, context }: { readonly flags: CreateFlags & Flags; readonly context: CommandContext },
): Promise<void> {
  if (!flags.clusterRole) throw new CliError('cluster-role is required')
  if (!flags.withNamespace) throw new CliError('with-namespace is required')
  const objects = flags.withNamespace.flatMap((namespace) => tenantObjects(tenant, namespace, flags))
  if (flags.export) {
    for (const { object } of objects) context.terminal.out(manifestText(object as JsonObject))
    return
  }
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const lines = statusLines(context.terminal)
  for (const { object, noun } of objects) {
    // Sequential: the namespace has to be there before what lies in it.
    lines.action(`applying ${noun} ${object.metadata.name ?? ''}`)
    await applyTenantObject(cluster, object, signal)
  }
  lines.success('tenant setup completed')
}

/** A role binding cannot change its role: it is made anew. */
async function applyTenantObject(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<void> {
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  try {
    await upsert(cluster, resource, { object, signal })
  } catch (error) {
    if (!isApiError(error, 'Invalid') || object.kind !== 'RoleBinding') throw error
    const { name = '', namespace = '' } = object.metadata
    await cluster.delete(resource, { name, namespace }, { signal })
    await upsert(cluster, resource, { object, signal })
  }
}

function tenantObjects(
  tenant: string,
  namespace: string,
  flags: CreateFlags & Flags,
): { readonly object: KubeObject; readonly noun: string }[] {
  const account = flags.withServiceAccount ?? tenant
  const own = { ...flags.labels, [labels.tenant]: tenant }
  const rbac = 'rbac.authorization.k8s.io'
  return [
    ...(flags.skipNamespace
      ? []
      : [
          {
            noun: 'namespace',
            object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: own } },
          },
        ]),
    {
      noun: 'service account',
      object: {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: account, namespace, labels: own },
      },
    },
    {
      noun: 'role binding',
      object: {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: `${tenant}-reconciler`, namespace, labels: own },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: flags.clusterRole },
        subjects: [
          { apiGroup: rbac, kind: 'User', name: `gotk:${namespace}:reconciler` },
          { kind: 'ServiceAccount', name: account, namespace },
        ],
      },
    },
  ]
}
