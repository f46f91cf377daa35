import { fieldOf, isMissingOrNull, wrongKindMessage } from '@sluice/merge'
import { type NodeKind, plainScalar, YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { asIndex, isItemSelector, splitItemSelector } from './path.ts'

/** Kinds of nodes that can be made where there is none. */
export type CreatableKind = 'scalar' | 'mapping' | 'sequence'

/**
 * The node at `path`; `undefined` when there is none. A part is a field, an index, `-` for the last item, or
 * `[field=value]`.
 *
 * @throws {KustomizeError} when a part goes into a node of another kind.
 */
export function lookup(root: YamlNode, path: readonly string[]): YamlNode | undefined {
  return walk(root, path, undefined)
}

/** The node at `path`, made if it is missing: the last as `kind`, those on the way as the parts need them. */
export function lookupOrCreate(
  root: YamlNode,
  path: readonly string[],
  kind: CreatableKind,
): YamlNode | undefined {
  return walk(root, path, kind)
}

/** The field `name`, made as `kind` if it is missing. @throws {KustomizeError} when `node` is no mapping. */
export function fieldOrCreate(node: YamlNode, name: string, kind: CreatableKind): YamlNode | undefined {
  if (isMissingOrNull(node)) return undefined
  expectKind(node, 'mapping')
  const found = fieldOf(node, name)
  if (found) return found
  const made = new YamlNode(kind, '')
  node.content.push(plainScalar(name), made)
  return made
}

/** The kind of node that the next part of a path needs; `last` at its end. */
export function kindForPart(next: string | undefined, last: CreatableKind): CreatableKind {
  if (next === undefined || next === '') return last
  const index = asIndex(next)
  return isItemSelector(next) || (index !== undefined && index >= 0) ? 'sequence' : 'mapping'
}

/** @throws {KustomizeError} when `node` is of another kind, unless it is null. */
export function expectKind(node: YamlNode, kind: NodeKind): void {
  if (node.kind === kind || node.tag === '!!null') return
  throw new WrongKindError(wrongKindMessage(node, kind), node.kind)
}

/** A node is of another kind than it has to be. */
export class WrongKindError extends KustomizeError {
  readonly actualKind: NodeKind

  constructor(message: string, actualKind: NodeKind) {
    super('FIELD_INVALID', message)
    this.actualKind = actualKind
  }
}

function walk(
  root: YamlNode,
  path: readonly string[],
  create: CreatableKind | undefined,
): YamlNode | undefined {
  const parts = path.map((it) => it.trim()).filter((it) => it !== '')
  let node: YamlNode | undefined = root
  for (const [i, part] of parts.entries()) {
    node = step(node, part, create && kindForPart(parts[i + 1], create))
    if (!node) return undefined
  }
  return node
}

function step(node: YamlNode, part: string, create: CreatableKind | undefined): YamlNode | undefined {
  const index = asIndex(part)
  if (index !== undefined) {
    if (index < 0) throw new KustomizeError('FIELD_INVALID', `array index ${index} cannot be negative`)
    expectKind(node, 'sequence')
    return node.content[index]
  }
  if (part === '-') {
    expectKind(node, 'sequence')
    return node.content.at(-1)
  }
  if (part === '*') throw new KustomizeError('FIELD_INVALID', 'wildcard is not supported in PathGetter')
  if (isItemSelector(part)) return selectItem(node, part, create !== undefined)
  if (create) return fieldOrCreate(node, part, create)
  if (isMissingOrNull(node)) return undefined
  expectKind(node, 'mapping')
  return fieldOf(node, part)
}

function selectItem(node: YamlNode, part: string, create: boolean): YamlNode | undefined {
  const selector = splitItemSelector(part)
  if (!selector) {
    throw new KustomizeError(
      'FIELD_INVALID',
      'list path element must contain fieldName=fieldValue for element to match',
    )
  }
  expectKind(node, 'sequence')
  const { field, value } = selector
  const found = node.content.find((it) =>
    field === '' ? it.value === value : fieldOf(it, field)?.value === value,
  )
  if (found || !create) return found
  const item = field === '' ? plainScalar(value) : new YamlNode('mapping', '')
  if (field !== '') item.content.push(plainScalar(field), plainScalar(value))
  node.content.push(item)
  return item
}
