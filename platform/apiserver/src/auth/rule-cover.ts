import { coversResource, type PolicyRule } from './rbac.ts'

/** Splits a rule into rules of one verb on one thing each. */
function breakdown(rule: PolicyRule): PolicyRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const things: PolicyRule[] = apiGroups.flatMap((group) =>
    resources.flatMap((resource) => {
      const thing: PolicyRule = { apiGroups: [group], resources: [resource] }
      return resourceNames.length === 0
        ? [thing]
        : resourceNames.map((name) => ({ ...thing, resourceNames: [name] }))
    }),
  )
  const paths: PolicyRule[] = nonResourceURLs.map((url) => ({ nonResourceURLs: [url] }))
  return [...things, ...paths].flatMap((thing) => verbs.map((verb) => ({ ...thing, verbs: [verb] })))
}

/**
 * What of `wanted` is not in `owned`, verbs of one thing taken together.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function missingRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing = wanted.flatMap(breakdown).filter((it) => !owned.some((own) => covers(own, it)))
  const byThing = new Map<string, PolicyRule>()
  const others: PolicyRule[] = []
  for (const rule of missing) {
    const { verbs = [], ...thing } = rule
    if (thing.nonResourceURLs) {
      others.push(rule)
      continue
    }
    const key = JSON.stringify(thing)
    const known = byThing.get(key)
    byThing.set(key, { ...thing, verbs: [...(known?.verbs ?? []), ...verbs] })
  }
  return [...others, ...byThing.values()]
}

/** Whether a rule allows all that a rule of one verb on one thing does. */
function covers(own: PolicyRule, wanted: PolicyRule): boolean {
  return (
    hasAll(own.verbs, wanted.verbs) &&
    hasAll(own.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((it) => coversResource(own.resources ?? [], it)) &&
    coversNames(own, wanted) &&
    (wanted.nonResourceURLs ?? []).every((it) =>
      (own.nonResourceURLs ?? []).some((url) => coversUrl(url, it)),
    )
  )
}

function hasAll(own: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return own.includes('*') || wanted.every((it) => own.includes(it))
}

function coversNames(
  { resourceNames: own = [] }: PolicyRule,
  { resourceNames: wanted = [] }: PolicyRule,
): boolean {
  if (own.length === 0) return true
  return wanted.length > 0 && wanted.every((it) => own.includes(it))
}

function coversUrl(own: string, wanted: string): boolean {
  return own === '*' || own === wanted || (own.endsWith('*') && wanted.startsWith(own.slice(0, -1)))
}

/** A rule as messages show it. */
export function printRule({
  apiGroups,
  resources,
  nonResourceURLs,
  resourceNames,
  verbs,
}: PolicyRule): string {
  const parts = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['NonResourceURLs', nonResourceURLs],
    ['ResourceNames', resourceNames],
    ['Verbs', verbs],
  ] as const
  const shown = parts.flatMap(([name, list = []]) =>
    list.length === 0 ? [] : [`${name}:${printList(list)}`],
  )
  return `{${shown.join(', ')}}`
}

/** A list of texts as Go quotes it. */
export function printList(list: readonly string[]): string {
  return `[${list.map((it) => JSON.stringify(it)).join(' ')}]`
}
