import { toPlain, type YamlNode } from '@sluice/yaml'
import { goJson } from '../transform/go-json.ts'
import { buildAnnotation } from './build-annotations.ts'
import type { ResId } from './res-id.ts'
import type { Resource } from './resource.ts'

/** A resource with all that kustomize would have noted in its annotations, as messages show it. */
export function describedNode(resource: Resource): YamlNode {
  const former = resource.formerIds
  const notes: readonly (readonly [string, readonly string[]])[] = [
    [buildAnnotation.prefixes, resource.prefixes],
    [buildAnnotation.suffixes, resource.suffixes],
    [buildAnnotation.previousKinds, former.map((it) => it.kind)],
    [buildAnnotation.previousNames, former.map((it) => it.name)],
    [buildAnnotation.previousNamespaces, former.map((it) => it.namespace)],
    [buildAnnotation.needsHash, resource.needsHash ? ['enabled'] : []],
    [buildAnnotation.allowNameChange, resource.allowNameChange ? ['enabled'] : []],
    [buildAnnotation.allowKindChange, resource.allowKindChange ? ['enabled'] : []],
    [buildAnnotation.helmGenerated, resource.helmGenerated ? ['true'] : []],
  ]
  const copy = resource.copy()
  const annotations = copy.annotations
  for (const [name, values] of notes) if (values.length > 0) annotations.set(name, values.join(','))
  copy.setAnnotations(annotations)
  return copy.node
}

/** Resources as Go prints a list of them. */
export function describeResources(resources: readonly Resource[]): string {
  return `[${resources.map((it) => goJson(toPlain(describedNode(it)))).join(' ')}]`
}

/** An identity as Go prints the struct, field by field. */
export function describeId({ group, version, kind, name, namespace, clusterScoped }: ResId): string {
  const [g, v, k, n, ns] = [group, version, kind, name, namespace].map((it) => JSON.stringify(it))
  const gvk = `resid.Gvk{Group:${g}, Version:${v}, Kind:${k}, isClusterScoped:${clusterScoped}}`
  return `resid.ResId{Gvk:${gvk}, Name:${n}, Namespace:${ns}}`
}
