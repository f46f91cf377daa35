import { setField } from '@sluice/merge'
import { YamlNode } from '@sluice/yaml'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { expectKind } from '../nodes/lookup.ts'
import { isSelected } from '../resource/res-id.ts'
import type { Transformer } from './transformer.ts'

const creation = { kind: 'mapping', tag: '!!map' } as const

/** Sets labels or annotations in the fields of `fieldSpecs`. */
export function entriesTransformer(
  entries: ReadonlyMap<string, string>,
  fieldSpecs: readonly FieldSpec[],
): Transformer {
  const keys = [...entries.keys()].toSorted()
  return (resources) => {
    for (const resource of resources.all) {
      const { gvk, node } = resource
      const specs = fieldSpecs.filter((it) => isSelected(gvk, it))
      for (const key of keys) {
        // One node for all fields of a resource: kustomize's later patches of one change the others too.
        const value = new YamlNode('scalar', '!!str', entries.get(key) ?? '')
        for (const spec of specs) visitField(node, spec, (map) => setEntry(map, key, value), creation)
      }
    }
  }
}

function setEntry(map: YamlNode, key: string, value: YamlNode): void {
  expectKind(map, 'mapping')
  setField(map, key, value)
}
