import { fieldOf, isMissingOrNull, setScalar } from '@sluice/merge'
import { YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { expectKind, fieldOrCreate } from '../nodes/lookup.ts'
import { formatId, isSelected } from '../resource/res-id.ts'
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
    for (const resource of resources.all) {
      if (resource.isEmpty || resource.helmGenerated) continue
      resource.rememberId()
      setNamespaces(resource, options)
    }
    resources.expectDistinct('namespace transformation produces ID conflict')
  }
}

/** Sets the namespace of one resource. */
export function setNamespaces(resource: Resource, options: NamespaceOptions): void {
  const { node, gvk } = resource
  const set = (target: YamlNode): void => setNamespace(target, options)
  try {
    const hasNamespace = !isClusterScoped(resource.apiVersion, gvk.kind)
    if (hasNamespace) visitField(node, { path: namespacePath, create: true }, set, creation)
    const isBinding = bindingKinds.has(gvk.kind)
    if (isBinding) setSubjects(node, options)
    for (const spec of options.fieldSpecs) {
      if (spec.path === namespacePath) continue
      if (spec.path === 'metadata/name' && resource.apiVersion !== 'v1') continue
      if (isBinding && bindingKinds.has(spec.kind ?? '') && spec.path === 'subjects/namespace') continue
      if (isSelected(gvk, spec)) visitField(node, spec, set, creation)
    }
  } catch (cause) {
    throw new KustomizeError('FIELD_INVALID', `namespace transformation of ${formatId(resource.id)} failed`, {
      cause,
    })
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
  expectKind(list, 'sequence')
  const [field, value] = subjects === 'defaultOnly' ? ['name', 'default'] : ['kind', 'ServiceAccount']
  for (const subject of list.content) {
    if (fieldOf(subject, field)?.value !== value) continue
    const target = fieldOrCreate(subject, 'namespace', 'scalar')
    if (target) setNamespace(target, options)
  }
}
