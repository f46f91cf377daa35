import { fieldOf, isMissingOrNull, setScalar } from '@sluice/merge'
import { YamlNode } from '@sluice/yaml'
import { causeOf, during, KustomizeError } from '../errors.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { expectKind, fieldOrCreate, WrongKindError } from '../nodes/lookup.ts'
import { describeResources } from '../resource/describe.ts'
import { idKey, isSelected } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { isClusterScoped } from '../resource/scope.ts'
import type { Transformer } from './transformer.ts'

/** Which subjects of role bindings get the namespace. */
export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none'

export type NamespaceOptions = {
  readonly namespace: string
  readonly fieldSpecs: readonly FieldSpec[]
  /** Only where there is none. */
  readonly unsetOnly?: boolean
  readonly subjects?: SubjectMode
}

const namespacePath = 'metadata/namespace'
const bindingKinds = new Set(['RoleBinding', 'ClusterRoleBinding'])
const creation = { kind: 'scalar', tag: '!!str' } as const

/** Sets the namespace of all that has one, and where the configuration says. */
export function namespaceTransformer(options: NamespaceOptions): Transformer {
  return (resources) => {
    if (options.namespace === '') return
    const byId = new Map<string, Resource[]>()
    for (const it of resources.all) byId.set(idKey(it.id), [...(byId.get(idKey(it.id)) ?? []), it])
    for (const resource of resources.all) {
      if (resource.isEmpty || resource.helmGenerated) continue
      const before = idKey(resource.id)
      resource.rememberId()
      setNamespaces(resource, options)
      move(byId, resource, before)
    }
    resources.changed()
  }
}

/** Keeps the index in step. @throws {KustomizeError} when another resource has the new identity. */
function move(byId: Map<string, Resource[]>, resource: Resource, before: string): void {
  const key = idKey(resource.id)
  if (key === before) return
  const others = byId.get(key) ?? []
  byId.set(
    before,
    (byId.get(before) ?? []).filter((it) => it !== resource),
  )
  byId.set(key, [...others, resource])
  if (others.length === 0) return
  const problem = `namespace transformation produces ID conflict: ${describeResources([...others, resource])}`
  throw new KustomizeError('RESOURCE_CONFLICT', problem)
}

/** Sets the namespace of one resource. */
export function setNamespaces(resource: Resource, options: NamespaceOptions): void {
  const { node, gvk } = resource
  const set = (target: YamlNode): void => setNamespace(target, options)
  const hasNamespace = !isClusterScoped(resource.apiVersion, gvk.kind)
  if (hasNamespace) visitField(node, { path: namespacePath, create: true }, set, creation)
  const isBinding = bindingKinds.has(gvk.kind)
  if (isBinding) setSubjects(node, options)
  try {
    for (const spec of options.fieldSpecs) {
      if (spec.path === namespacePath) continue
      if (spec.path === 'metadata/name' && resource.apiVersion !== 'v1') continue
      if (isBinding && bindingKinds.has(spec.kind ?? '') && spec.path === 'subjects/namespace') continue
      if (isSelected(gvk, spec)) visitField(node, spec, set, creation)
    }
  } catch (cause) {
    const isCollection = causeOf(cause, WrongKindError)?.actualKind !== 'scalar'
    const problem = 'namespace field specs must target scalar nodes'
    const what = causeOf(cause, WrongKindError) && isCollection ? problem : 'namespace transformation failed'
    throw new KustomizeError('FIELD_INVALID', what, { cause })
  }
}

function setNamespace(node: YamlNode, { namespace, unsetOnly = false }: NamespaceOptions): void {
  expectKind(node, 'scalar')
  if (unsetOnly && !isMissingOrNull(node) && node.value !== '') return
  setScalar(node, new YamlNode('scalar', '!!str', namespace))
}

function setSubjects(node: YamlNode, options: NamespaceOptions): void {
  const { subjects = 'defaultOnly' } = options
  const list = fieldOf(node, 'subjects')
  if (subjects === 'none' || !list || isMissingOrNull(list)) return
  const [field, value] = subjects === 'defaultOnly' ? ['name', 'default'] : ['kind', 'ServiceAccount']
  during('setting namespace on (cluster)role binding subjects', () => {
    expectKind(list, 'sequence')
    for (const subject of list.content) {
      if (fieldOf(subject, field)?.value !== value) continue
      const target = fieldOrCreate(subject, 'namespace', 'scalar')
      if (target) setNamespace(target, options)
    }
  })
}
