import { fieldOf, isMissingOrNull, setField, setScalar } from '@sluice/merge'
import { plainScalar, printCanonical, type YamlNode } from '@sluice/yaml'
import type { NameReference } from '../config/transformer-config.ts'
import { KustomizeError } from '../errors.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { describedNode } from '../resource/describe.ts'
import {
  effectiveNamespace,
  formatId,
  type Gvk,
  type GvkSelector,
  isSelected,
  type ResId,
} from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { ReferenceCandidates } from './reference-candidates.ts'
import type { Transformer } from './transformer.ts'

/** A field that may refer, and the kinds it may refer to. */
type Rule = { readonly spec: FieldSpec; readonly target: GvkSelector }

/** Writes the new names of resources wherever they are referred to by a name they had. */
export function nameReferenceTransformer(references: readonly NameReference[]): Transformer {
  return (resources) => {
    const candidates = new ReferenceCandidates(resources.all)
    const rules = new RuleTable(references)
    for (const referrer of resources.all) {
      const found = rules.of(referrer.originalId)
      if (found.length === 0) continue
      const fixer = new ReferenceFixer(referrer, candidates)
      for (const rule of found) fixer.fix(rule)
    }
    resources.changed()
  }
}

/** The rules of each kind, worked out once. */
class RuleTable {
  private readonly references: readonly NameReference[]
  private readonly byKind = new Map<string, readonly Rule[]>()

  constructor(references: readonly NameReference[]) {
    this.references = references
  }

  of(gvk: Gvk): readonly Rule[] {
    const key = `${gvk.group}/${gvk.version}/${gvk.kind}`
    const known = this.byKind.get(key)
    if (known) return known
    const rules = this.references.flatMap(({ fieldSpecs, ...target }) =>
      fieldSpecs.filter((spec) => isSelected(gvk, spec)).map(({ path }) => ({ spec: { path }, target })),
    )
    this.byKind.set(key, rules)
    return rules
  }
}

/** Fixes the references of one resource. */
class ReferenceFixer {
  private readonly referrer: Resource
  private readonly id: ResId
  private readonly candidates: ReferenceCandidates
  private readonly bindingNamespaces: ReadonlySet<string>

  constructor(referrer: Resource, candidates: ReferenceCandidates) {
    this.referrer = referrer
    this.id = referrer.id
    this.candidates = candidates
    this.bindingNamespaces = subjectNamespaces(referrer)
  }

  fix(rule: Rule): void {
    try {
      visitField(this.referrer.node, rule.spec, (node) => this.fixNode(node, rule))
    } catch (cause) {
      throw new KustomizeError(
        'TARGET_INVALID',
        `updating name reference in '${rule.spec.path}' field of '${formatId(this.id)}'`,
        { cause },
      )
    }
  }

  private fixNode(node: YamlNode, rule: Rule): void {
    if (isMissingOrNull(node)) return
    if (node.kind === 'scalar') return this.fixScalar(node, rule)
    if (node.kind === 'mapping') return this.fixMapping(node, rule)
    for (const item of node.content) {
      if (isMissingOrNull(item)) continue
      if (item.kind === 'scalar') this.fixScalar(item, rule)
      else if (item.kind === 'mapping') this.fixMapping(item, rule)
      else throw new KustomizeError('FIELD_INVALID', 'expected to be either a string or a map of string')
    }
  }

  private fixScalar(node: YamlNode, rule: Rule): void {
    const within = (it: Resource): boolean => this.couldReferTo(it)
    const referral = this.select(node.value, rule, { within, byNamespace: false })
    if (referral && referral.name !== node.value) setScalar(node, plainScalar(referral.name))
  }

  private fixMapping(node: YamlNode, rule: Rule): void {
    const name = fieldOf(node, 'name')
    if (!name) throw new KustomizeError('FIELD_INVALID', "path config error; no 'name' field in node")
    const within = this.withinNamespace(fieldOf(node, 'namespace')?.value)
    const referral = this.select(name.value, rule, { within, byNamespace: true })
    if (!referral) return
    const { name: newName, namespace } = referral
    if (newName === name.value && namespace === '') return
    setField(node, 'name', plainScalar(newName))
    if (namespace !== '') setField(node, 'namespace', plainScalar(namespace))
  }

  /** With a namespace given: those that came with it, or, if there are none, those that have it now. */
  private withinNamespace(namespace: string | undefined): (it: Resource) => boolean {
    if (namespace === undefined) return (it) => this.couldReferTo(it)
    const cameWith = this.candidates.cameWithNamespace(namespace, (it) => this.couldReferTo(it))
    return (it) => this.couldReferTo(it) && effectiveNamespace(cameWith ? it.originalId : it.id) === namespace
  }

  /** Cluster-wide resources refer to all; others to those, and to what is in their namespace. */
  private couldReferTo(candidate: Resource): boolean {
    if (this.id.clusterScoped) return true
    const { id } = candidate
    if (id.clusterScoped || effectiveNamespace(id) === effectiveNamespace(this.id)) return true
    return this.bindingNamespaces.has(candidate.namespace)
  }

  private select(
    oldName: string,
    rule: Rule,
    { within, byNamespace }: { within: (it: Resource) => boolean; byNamespace: boolean },
  ): Resource | undefined {
    const named = this.candidates.formerlyNamed(oldName)
    if (named.length === 0) return undefined
    const roleKind = rule.spec.path.endsWith('roleRef/name') ? roleRefKind(this.referrer) : undefined
    let found = named.filter(
      (it) =>
        within(it) &&
        wasSelected(it, rule.target) &&
        (!roleKind || wasSelected(it, roleKind)) &&
        this.isInReach(it),
    )
    if (found.length > 1) found = found.filter((it) => sameAffixes(this.referrer, it, true))
    else if (found.length === 1) return found[0]
    if (found.length > 1) found = found.filter((it) => sameAffixes(this.referrer, it, false))
    const [first] = found
    if (!first || found.length === 1 || areAlike(found, byNamespace)) return first
    const ids = found.map((it) => formatId(it.id)).join(', ')
    const details = failureDetails(this.referrer, found)
    throw new KustomizeError('TARGET_INVALID', `found multiple possible referrals: ${ids}\n${details}`)
  }

  private isInReach(candidate: Resource): boolean {
    if (this.id.clusterScoped) return true
    const { id } = candidate
    return (
      id.clusterScoped ||
      id.kind === 'ServiceAccount' ||
      effectiveNamespace(id) === effectiveNamespace(this.id)
    )
  }
}

function failureDetails(referrer: Resource, candidates: readonly Resource[]): string {
  return [
    `\n**** Too many possible referral targets to referrer:\n${show(referrer)}\n`,
    ...candidates.map((it, i) => `--- possible referral ${i}:\n${show(it)}\n`),
  ].join('')
}

function show(resource: Resource): string {
  return printCanonical(describedNode(resource))
}

function wasSelected(resource: Resource, kinds: GvkSelector): boolean {
  return resource.formerIds.some((it) => isSelected(it, kinds))
}

function areAlike(resources: readonly Resource[], byNamespace: boolean): boolean {
  const [first] = resources
  return resources.every(
    (it) => it.name === first?.name && (!byNamespace || it.namespace === first.namespace),
  )
}

function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return sameEnds(a.prefixes, b.prefixes, allowEmpty) && sameEnds(a.suffixes, b.suffixes, allowEmpty)
}

/** Whether the shorter list is the end of the longer one; an empty one only of an empty one, or as allowed. */
function sameEnds(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length === 0) return allowEmpty || long.length === 0
  const shift = long.length - short.length
  return short.every((it, i) => it === long[i + shift])
}

function roleRefKind({ node }: Resource): GvkSelector | undefined {
  const roleRef = fieldOf(node, 'roleRef')
  const [group, kind] = [fieldOf(roleRef, 'apiGroup'), fieldOf(roleRef, 'kind')]
  return group && kind ? { group: group.value, kind: kind.value } : undefined
}

/** Namespaces of the service accounts that a role binding binds. */
function subjectNamespaces({ node, kind, id }: Resource): ReadonlySet<string> {
  const namespaces = new Set<string>()
  if (kind !== 'RoleBinding') return namespaces
  for (const subject of fieldOf(node, 'subjects')?.content ?? []) {
    const namespace = fieldOf(subject, 'namespace')
    if (!namespace || fieldOf(subject, 'kind')?.value !== 'ServiceAccount') continue
    if (isMissingOrNull(namespace)) {
      const problem = `Invalid Input: namespace is blank for resource "${formatId(id)}"\n`
      throw new KustomizeError('FIELD_INVALID', problem)
    }
    namespaces.add(namespace.value)
  }
  return namespaces
}
