import { printTree } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { formatId } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { ResourceList } from '../resource/resource-list.ts'
import type { Transformer } from '../transform/transformer.ts'

/** The one label that a validator may leave. */
const validatedBy = 'validated-by'

/** Runs a validator. @throws {KustomizeError} when it changes anything. */
export function expectUnchanged(resources: ResourceList, validate: Transformer): void {
  const before = resources.all.map(print)
  validate(resources)
  const after = resources.all.map((it) => print(withoutMark(it)))
  const changed = resources.all.find((_, i) => before[i] !== after[i])
  if (!changed && before.length === after.length) return
  const which = changed ? `: ${formatId(changed.id)}` : ''
  throw new KustomizeError('PLUGIN_INVALID', `validator shouldn't modify the resource map${which}`)
}

function print({ node }: Resource): string {
  return printTree(node)
}

function withoutMark(resource: Resource): Resource {
  const { labels } = resource
  if (!labels.has(validatedBy)) return resource
  const copy = resource.copy()
  copy.setLabels(new Map([...labels].filter(([key]) => key !== validatedBy)))
  return copy
}
