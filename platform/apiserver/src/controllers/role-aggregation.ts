import { isApiError } from '@sluice/cluster'
import { jsonEqual } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import type { PolicyRule } from '../auth/rbac.ts'
import { type LabelSelector, matchesLabels } from '../kinds/selector.ts'
import { changeObject } from '../verbs/change.ts'
import { timestamp } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'
import { systemCall } from '../verbs/system-call.ts'
import type { Controller, ControllerContext } from './context.ts'
import { TaskQueue } from './task-queue.ts'

const prefix = '/rbac.authorization.k8s.io/clusterroles/'

type AggregationRule = { readonly clusterRoleSelectors?: readonly LabelSelector[] }

/** Fills the rules of aggregated cluster roles from those that their selectors pick. */
export function roleAggregation(context: ControllerContext): Controller {
  const { core, signal } = context
  const aggregated = new Set<string>()
  const queue = new TaskQueue({
    name: 'role-aggregation',
    ...core,
    signal,
    work: (name) => aggregate(context, name),
  })
  return {
    observe: ({ type, key, object }) => {
      if (!key.startsWith(prefix)) return
      const name = object.metadata.name ?? ''
      if (type === 'put' && object['aggregationRule']) aggregated.add(name)
      else aggregated.delete(name)
      for (const it of aggregated) queue.add(it)
    },
    run: () => queue.run(),
  }
}

async function aggregate({ core, manager }: ControllerContext, name: string): Promise<void> {
  const role = core.storage.get(`${prefix}/${name}`)
  const selectors = (role?.['aggregationRule'] as AggregationRule | undefined)?.clusterRoleSelectors ?? []
  if (!role) return
  const sources = core.storage
    .list(prefix)
    .objects.filter((it) => it.metadata.name !== name && selectors.some((selector) => isPicked(it, selector)))
  const rules = unique(sources.flatMap((it) => (it['rules'] ?? []) as readonly PolicyRule[]))
  if (jsonEqual(rules, role['rules'] ?? [])) return
  const call = systemCall(core, {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural: 'clusterroles',
    name,
  })
  const context = writeContext(call.resource, { manager, subresource: '', now: timestamp(core.clock) })
  try {
    await changeObject(core, call, {
      dryRun: false,
      isConditional: () => false,
      next: (current) => recordUpdate(current, { ...current, rules }, context),
    })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

function isPicked({ metadata }: KubeObject, selector: LabelSelector): boolean {
  return matchesLabels(selector, metadata.labels ?? {})
}

function unique(rules: readonly PolicyRule[]): PolicyRule[] {
  const seen = new Map(rules.map((it) => [JSON.stringify(it), it]))
  return [...seen.values()]
}
