import { jsonEqual } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import { decide, type PolicyRule, type RoleRef, rbacGroup, roleOf, rulesOf } from '../auth/rbac.ts'
import { missingRules, printList, printRule } from '../auth/rule-cover.ts'
import { mastersGroup } from '../request/user.ts'
import { forbidden, notFound } from '../status/status-error.ts'
import type { Storage } from '../storage/storage.ts'
import type { Admission, AdmissionRequest, Call } from '../verbs/call.ts'

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

/** Lets nobody grant what he does not have himself, unless he may `escalate` roles or `bind` this one. */
export function roleEscalation(storage: Storage): Admission {
  return {
    validate: () => {},
    mutate: (request, object) => {
      const { group, plural } = request.call.resource
      if (group === rbacGroup && !request.call.user.groups.includes(mastersGroup)) {
        if (plural.endsWith('bindings')) checkBinding(storage, request, object)
        else checkRole(storage, request, object)
      }
      return object
    },
  }
}

function checkRole(storage: Storage, { call, oldObject }: AdmissionRequest, role: KubeObject): void {
  const { resource, name, namespace } = call
  if (may(storage, call, 'escalate', { resource: resource.plural, name, namespace })) return
  if (oldObject && onlyForCollector(role, oldObject)) return
  // Who says what is aggregated could grant anything.
  const { aggregationRule } = role
  if (aggregationRule && !jsonEqual(aggregationRule, oldObject?.['aggregationRule'])) {
    confirm(storage, call, everything)
  }
  confirm(storage, call, (role['rules'] ?? []) as readonly PolicyRule[])
}

function checkBinding(storage: Storage, { call, oldObject }: AdmissionRequest, binding: KubeObject): void {
  if (oldObject && onlyForCollector(binding, oldObject)) return
  const { kind, name } = (binding['roleRef'] ?? {}) as Partial<RoleRef>
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  const namespace = kind === 'ClusterRole' ? '' : call.namespace
  if (may(storage, call, 'bind', { resource: plural, name: name ?? '', namespace: call.namespace })) return
  const role = roleOf(storage, { ...binding, metadata: { ...binding.metadata, namespace } })
  if (!role) throw notFound({ group: rbacGroup, plural }, name ?? '')
  confirm(storage, call, (role['rules'] ?? []) as readonly PolicyRule[])
}

function may(
  storage: Storage,
  { user }: Call,
  verb: string,
  target: { readonly resource: string; readonly name: string; readonly namespace: string },
): boolean {
  return decide(storage, user, { kind: 'resource', verb, group: rbacGroup, ...target }).allowed
}

function confirm(storage: Storage, call: Call, rules: readonly PolicyRule[]): void {
  const { user, namespace, resource, name } = call
  const missing = missingRules(rulesOf(storage, user, namespace), rules)
  if (missing.length === 0) return
  const list = [...new Set(missing.map(printRule))].toSorted().join('\n')
  const who = `user ${JSON.stringify(user.name)} (groups=${printList(user.groups)})`
  throw forbidden(resource, name, {
    cause: `${who} is attempting to grant RBAC permissions not currently held:\n${list}`,
  })
}

/** Whether nothing has changed but what the garbage collector writes. */
function onlyForCollector(next: KubeObject, old: KubeObject): boolean {
  return jsonEqual(withoutCollected(next), withoutCollected(old))
}

function withoutCollected({ metadata, ...rest }: KubeObject): object {
  const { ownerReferences: _, finalizers: __, managedFields: ___, ...kept } = metadata
  return { ...rest, metadata: kept }
}
