import { printTree, toPlain } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { formatId, idKey } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import type { ResourceList } from '../resource/resource-list.ts'
import { goJson } from '../transform/go-json.ts'
import type { Transformer } from '../transform/transformer.ts'

/** The one label that a validator may leave. */
const validatedBy = 'validated-by'

/** Runs a validator. @throws {KustomizeError} when it changes anything. */
export function expectUnchanged(resources: ResourceList, validate: Transformer): void {
  const before = resources.all.map((it) => it.copy())
  validate(resources)
  const problem = changeOf(before, resources.all.map(withoutMark))
  if (problem === undefined) return
  throw new KustomizeError('PLUGIN_INVALID', `validator shouldn't modify the resource map: ${problem}`)
}

function changeOf(before: readonly Resource[], after: readonly Resource[]): string | undefined {
  if (before.length !== after.length) {
    return `lists have different number of entries: ${before.length} and ${after.length}`
  }
  const byId = new Map(after.map((it) => [idKey(it.id), it]))
  for (const it of before) {
    const found = byId.get(idKey(it.id))
    if (!found) return `id in self missing from other; id: ${formatId(it.id)}`
    if (printTree(it.node) !== printTree(found.node)) {
      return `nodes unequal: \n -- ${jsonOf(it)},\n -- ${jsonOf(found)}\n`
    }
  }
  return undefined
}

function jsonOf({ node }: Resource): string {
  return goJson(toPlain(node))
}

function withoutMark(resource: Resource): Resource {
  const { labels } = resource
  if (!labels.has(validatedBy)) return resource
  const copy = resource.copy()
  copy.setLabels(new Map([...labels].filter(([key]) => key !== validatedBy)))
  return copy
}
