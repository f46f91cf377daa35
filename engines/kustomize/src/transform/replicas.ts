import { setScalar } from '@sluice/merge'
import { YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { Replica } from '../kustomization/types.ts'
import { type FieldSpec, visitField } from '../nodes/field-spec.ts'
import { formatGvk, isSelected } from '../resource/res-id.ts'
import type { Transformer } from './transformer.ts'

const creation = { kind: 'scalar', tag: '!!int' } as const

/** Sets the number of replicas of the resources of a name. @throws {KustomizeError} when there is none. */
export function replicaTransformer(replica: Replica, fieldSpecs: readonly FieldSpec[]): Transformer {
  const { name = '', count = 0 } = replica
  return (resources) => {
    let found = false
    for (const spec of fieldSpecs) {
      for (const resource of resources.all) {
        const ids = [...resource.formerIds, resource.id]
        if (resource.isEmpty || !ids.some((it) => it.name === name && isSelected(it, spec))) continue
        found = true
        if (!isSelected(resource.gvk, spec)) continue
        const set = (node: YamlNode): void => setScalar(node, new YamlNode('scalar', '!!int', String(count)))
        visitField(resource.node, spec, set, creation)
      }
    }
    if (found) return
    const kinds = fieldSpecs.map(formatGvk).join(' ')
    throw new KustomizeError(
      'TARGET_INVALID',
      `resource with name ${name} does not match a config with the following GVK [${kinds}]`,
    )
  }
}
