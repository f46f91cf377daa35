import { setScalar } from '@sluice/merge'
import { plainScalar } from '@sluice/yaml'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { isSelected, type ResId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { Transformer } from './transformer.ts'

/** Kinds whose names mean something elsewhere. */
const skipped = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
]
const nameCreation = { kind: 'scalar', tag: '!!str' } as const

/** Puts `prefix` before names. */
export function prefixTransformer(prefix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affixTransformer(fieldSpecs, {
    isEmpty: prefix === '',
    affix: (name) => prefix + name,
    remember: (resource) => resource.prefixes.push(prefix),
  })
}

/** Puts `suffix` after names. */
export function suffixTransformer(suffix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affixTransformer(fieldSpecs, {
    isEmpty: suffix === '',
    affix: (name) => name + suffix,
    remember: (resource) => resource.suffixes.push(suffix),
  })
}

function affixTransformer(
  fieldSpecs: readonly FieldSpec[],
  {
    isEmpty,
    affix,
    remember,
  }: { isEmpty: boolean; affix: (name: string) => string; remember: (resource: Resource) => void },
): Transformer {
  return (resources) => {
    for (const resource of resources.all) {
      const id = resource.originalId
      if (skipped.some((it) => isSelected(id, it))) continue
      for (const spec of fieldSpecs) {
        if (!isSelected(id, spec)) continue
        if (spec.path === 'metadata/name' && !isEmpty) {
          remember(resource)
          resource.rememberId()
        }
        applyAffix(resource, spec, id, affix)
      }
    }
    resources.changed()
  }
}

function applyAffix(resource: Resource, spec: FieldSpec, _id: ResId, affix: (name: string) => string): void {
  if (!isSelected(resource.gvk, spec)) return
  visitField(resource.node, spec, (node) => setScalar(node, plainScalar(affix(node.value))), nameCreation)
}
