import type { KubeObject } from '@sluice/ports'
import { mastersGroup, type User } from '../request/user.ts'
import type { Storage } from '../storage/storage.ts'

/** What someone wants to do. */
export type Attributes =
  | { readonly kind: 'path'; readonly verb: string; readonly path: string }
  | {
      readonly kind: 'resource'
      readonly verb: string
      readonly group: string
      /** With the subresource: `pods/log`. */
      readonly resource: string
      /** Empty for cluster scope and all namespaces. */
      readonly namespace: string
      /** Empty for collections. */
      readonly name: string
    }

export type Decision = { readonly allowed: boolean; readonly reason: string }

export type PolicyRule = {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

type Subject = { readonly kind: string; readonly name: string; readonly namespace?: string }
export type RoleRef = { readonly kind: string; readonly name: string }

export const rbacGroup = 'rbac.authorization.k8s.io'
const clusterBindings = `/${rbacGroup}/clusterrolebindings/`
const bindings = `/${rbacGroup}/rolebindings/`
const serviceAccountPrefix = 'system:serviceaccount:'

/**
 * Whether a user may do something, by roles and bindings.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function decide(storage: Storage, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(mastersGroup)) return { allowed: true, reason: '' }
  for (const { rules, why } of grants(storage, user, namespaceOf(attributes))) {
    if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: `RBAC: ${why}` }
  }
  return { allowed: false, reason: '' }
}

/** Rules that a user has in a namespace (or only at cluster scope, when it is empty), in the order of bindings. */
export function rulesOf(storage: Storage, user: User, namespace: string): PolicyRule[] {
  if (user.groups.includes(mastersGroup)) {
    return [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ]
  }
  return [...grants(storage, user, namespace)].flatMap((it) => it.rules)
}

type Grant = { readonly rules: readonly PolicyRule[]; readonly why: string }

function* grants(storage: Storage, user: User, namespace: string): Generator<Grant> {
  yield* boundIn(storage, user, clusterBindings)
  if (namespace !== '') yield* boundIn(storage, user, `${bindings}${namespace}/`)
}

function* boundIn(storage: Storage, user: User, prefix: string): Generator<Grant> {
  for (const binding of storage.list(prefix).objects) {
    const subject = ((binding['subjects'] ?? []) as readonly Subject[]).find((it) =>
      isSubject(user, it, binding.metadata.namespace),
    )
    if (!subject) continue
    const role = roleOf(storage, binding)
    if (!role) continue
    yield {
      rules: (role['rules'] ?? []) as readonly PolicyRule[],
      why: `allowed by ${binding.kind} ${quotedName(binding.metadata)} of ${role.kind} ${JSON.stringify(role.metadata.name)} to ${subject.kind} ${quotedName({ ...subject, namespace: subject.kind === 'ServiceAccount' ? (subject.namespace ?? '') : '' })}`,
    }
  }
}

function quotedName({
  name = '',
  namespace = '',
}: {
  readonly name?: string
  readonly namespace?: string
}): string {
  return JSON.stringify(namespace === '' ? name : `${name}/${namespace}`)
}

/** The role that a binding names, in the binding's namespace. */
export function roleOf(storage: Storage, binding: KubeObject): KubeObject | undefined {
  const { kind, name } = binding['roleRef'] as RoleRef
  return kind === 'ClusterRole'
    ? storage.get(`/${rbacGroup}/clusterroles//${name}`)
    : storage.get(`/${rbacGroup}/roles/${binding.metadata.namespace}/${name}`)
}

function isSubject(
  user: User,
  { kind, name, namespace }: Subject,
  bindingNamespace: string | undefined,
): boolean {
  switch (kind) {
    case 'User':
      return user.name === name
    case 'Group':
      return user.groups.includes(name)
    case 'ServiceAccount':
      return user.name === `${serviceAccountPrefix}${namespace ?? bindingNamespace ?? ''}:${name}`
    default:
      return false
  }
}

/** Whether one rule allows what is wanted. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if (attributes.kind === 'path') {
    return (rule.nonResourceURLs ?? []).some((it) => pathMatches(it, attributes.path))
  }
  const { group, resource, name } = attributes
  if (!has(rule.apiGroups, group) || !coversResource(rule.resources ?? [], resource)) return false
  const names = rule.resourceNames ?? []
  return names.length === 0 || (name !== '' && names.includes(name))
}

function has(list: readonly string[] | undefined, wanted: string): boolean {
  return (list ?? []).some((it) => it === '*' || it === wanted)
}

/** Whether a rule's resources have the wanted one, subresources being named after a slash. */
export function coversResource(resources: readonly string[], wanted: string): boolean {
  const slash = wanted.indexOf('/')
  const anyOf = slash < 0 ? undefined : `*${wanted.slice(slash)}`
  return resources.some((it) => it === '*' || it === wanted || it === anyOf)
}

function pathMatches(pattern: string, path: string): boolean {
  return (
    pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
  )
}

function namespaceOf(attributes: Attributes): string {
  return attributes.kind === 'resource' ? attributes.namespace : ''
}

/** Splits `system:serviceaccount:ns:name`; `undefined` for other users. */
export function serviceAccountOf(
  userName: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(serviceAccountPrefix)) return undefined
  const [namespace, name, ...rest] = userName.slice(serviceAccountPrefix.length).split(':')
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined
}

/** The user that a service account is. */
export function serviceAccountUser({
  namespace,
  name,
  uid,
}: {
  readonly namespace: string
  readonly name: string
  readonly uid?: string
}): User {
  return {
    name: `${serviceAccountPrefix}${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    ...(uid === undefined ? {} : { uid }),
  }
}
