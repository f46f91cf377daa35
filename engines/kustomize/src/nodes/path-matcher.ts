import { fieldOf, isMissingOrNull } from '@sluice/merge'
import { parseDocument, plainScalar, printTree, YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { compilePattern } from '../regexp.ts'
import { type CreatableKind, expectKind, kindForPart } from './lookup.ts'
import { asIndex, isItemSelector, splitItemSelector } from './path.ts'

/**
 * All nodes at `path`, in which `*` stands for every item and the value of `[field=value]` is a pattern. With `create`
 * what is missing is made, the last node of that kind.
 *
 * @throws {KustomizeError} when a part does not fit what it meets.
 * Source: kyaml v0.21, yaml/match.go, PathMatcher.
 */
export function matchPath(
  node: YamlNode | undefined,
  path: readonly string[],
  create?: CreatableKind,
): YamlNode[] {
  const [part, ...rest] = path
  if (part === undefined) return node ? [node] : []
  const way = { rest, create }
  const index = asIndex(part)
  if (index !== undefined && index >= 0) return matchIndex(node, index, way)
  if (isItemSelector(part)) return matchItems(node, part, way)
  if (part === '*') return itemsOf(node).flatMap((it) => matchPath(it, rest, create))
  return matchField(node, part, way)
}

type Way = { readonly rest: readonly string[]; readonly create: CreatableKind | undefined }

function matchField(node: YamlNode | undefined, part: string, { rest, create }: Way): YamlNode[] {
  if (!node || isMissingOrNull(node)) return []
  expectKind(node, 'mapping')
  let field = fieldOf(node, part)
  if (!field) {
    if (!create) return []
    field = new YamlNode(kindForPart(rest[0], create), '')
    node.content.push(plainScalar(part), field)
  }
  if (field.kind === 'scalar' && rest.length > 0) {
    // What a text holds as YAML can be matched, but nothing that is done to it comes back.
    return matchPath(parseDocument(field.value)?.content[0], rest, create)
  }
  return matchPath(field, rest, create)
}

function matchIndex(node: YamlNode | undefined, index: number, { rest, create }: Way): YamlNode[] {
  const items = itemsOf(node)
  if (items.length === index && create && node) {
    const made = new YamlNode(kindForPart(rest[0], create), '')
    node.content.push(made)
    return matchPath(made, rest, create)
  }
  const item = items[index]
  if (!item) {
    throw new KustomizeError(
      'FIELD_INVALID',
      `index ${index} specified but only ${items.length} elements found`,
    )
  }
  return matchPath(item, rest, create)
}

function matchItems(node: YamlNode | undefined, part: string, { rest, create }: Way): YamlNode[] {
  const selector = splitItemSelector(part)
  if (!selector) {
    throw new KustomizeError(
      'FIELD_INVALID',
      'list path element must contain fieldName=fieldValue for element to match',
    )
  }
  const { field, value } = selector
  const matches = compilePattern(value)
  const find = (): YamlNode[] =>
    itemsOf(node).flatMap((item) => {
      const compared = field === '' ? item : fieldOf(item, field)
      if (!compared || !matches(textOfNode(compared))) return []
      return field === '' ? [item] : matchPath(item, rest, create)
    })
  const found = find()
  if (found.length > 0 || !create || !node) return found
  const item = field === '' ? plainScalar(value) : new YamlNode('mapping', '')
  if (field !== '') item.content.push(plainScalar(field), plainScalar(value))
  node.content.push(item)
  return find()
}

function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  if (!node) return []
  expectKind(node, 'sequence')
  return node.tag === '!!null' ? [] : node.content
}

/** What a pattern is held against: the node as it is printed. */
function textOfNode(node: YamlNode): string {
  return printTree(node).trim()
}
