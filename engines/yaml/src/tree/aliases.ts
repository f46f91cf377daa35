import { YamlError } from '../yaml-error.ts'
import type { YamlNode } from './node.ts'
import { treeError } from './tree-error.ts'

const mergeKey = '<<'
/** How many nodes aliases may make, so that a small text cannot grow without bound. */
const defaultMaxNodes = 1_000_000

/**
 * Replaces aliases by copies of their anchors and merge keys (`<<`) by what they merge, in place, as kyaml does.
 *
 * An entry of the mapping itself goes before a merged one; of several merged mappings the first counts.
 *
 * @throws {YamlError} for a merge of something that is no mapping, or when there would be too many nodes.
 * Source: kyaml v0.21, yaml/rnode.go, DeAnchor.
 */
export function expandAliases(
  root: YamlNode,
  { maxNodes = defaultMaxNodes }: { readonly maxNodes?: number } = {},
): YamlNode {
  return new AliasExpander(maxNodes).expand(root)
}

/** Whether there is an anchor, an alias or a merge key anywhere below `node`. */
export function hasAliases(node: YamlNode): boolean {
  if (node.anchor !== '' || node.kind === 'alias' || node.value === mergeKey) return true
  for (const child of node.content) {
    if (hasAliases(child)) return true
  }
  return false
}

class AliasExpander {
  private remaining: number

  constructor(maxNodes: number) {
    this.remaining = maxNodes
  }

  expand(node: YamlNode): YamlNode {
    node.anchor = ''
    if (node.kind === 'scalar') return node
    if (node.kind === 'alias') return this.copy(this.expand(targetOf(node)))
    if (node.kind === 'mapping') this.mergeInto(node)
    const { content } = node
    for (let i = 0; i < content.length; i += 1) {
      const child = content[i]
      if (child) content[i] = this.expand(child)
    }
    return node
  }

  private mergeInto(node: YamlNode): void {
    const { content } = node
    const at = mergeKeyIndex(node)
    if (at < 0) {
      // kyaml clears the key even where it is quoted and merges nothing.
      const quoted = content.findIndex((it, i) => i % 2 === 0 && it.value === mergeKey)
      if (quoted >= 0) content.splice(quoted, 2)
      return
    }
    const value = content[at + 1]
    const sources = value ? this.mergeSources(value) : []
    content.splice(at, 2)
    const merged: YamlNode[] = []
    const index = new Map<string, number>()
    for (const source of [...sources, node]) {
      for (let i = 0; i + 1 < source.content.length; i += 2) {
        const [key, entry] = [source.content[i], source.content[i + 1]]
        if (!key || !entry) continue
        const own = source === node
        const pair = own ? [key, entry] : [this.copy(key), this.copy(entry)]
        const known = index.get(key.value)
        if (known === undefined) index.set(key.value, merged.push(...pair) - 2)
        else merged.splice(known, 2, ...pair)
      }
    }
    node.content = merged
  }

  /** What is merged, the last to be overridden first. */
  private mergeSources(value: YamlNode): YamlNode[] {
    switch (value.kind) {
      case 'mapping':
        return [value]
      case 'alias': {
        const target = targetOf(value)
        if (target.kind !== 'mapping') {
          throw mergeError(value, 'invalid map merge: received alias for a non-map value')
        }
        return [target]
      }
      case 'sequence':
        return value.content.toReversed().flatMap((it) => {
          if (it.kind !== 'sequence') return this.mergeSources(it)
          throw mergeError(it, 'invalid map merge: received a nested sequence')
        })
      case 'scalar':
      case 'document':
        throw mergeError(value, 'map merge requires map or sequence of maps as the value')
    }
  }

  private copy(node: YamlNode): YamlNode {
    this.spend(node)
    return node.copy()
  }

  private spend(node: YamlNode): void {
    this.remaining -= 1
    if (this.remaining < 0) {
      throw treeError('YAML_LIMIT', node.line, 'aliases expand to too many nodes')
    }
    for (const child of node.content) this.spend(child)
  }
}

function mergeKeyIndex(node: YamlNode): number {
  const { content } = node
  let found = -1
  for (let i = 0; i < content.length; i += 2) {
    if (content[i]?.tag !== '!!merge') continue
    if (found >= 0) throw mergeError(node, 'duplicate merge key')
    found = i
  }
  return found
}

function targetOf({ alias, line, value }: YamlNode): YamlNode {
  if (!alias) throw treeError('YAML_SYNTAX', line, `unknown anchor '${value}' referenced`)
  return alias
}

/** What kyaml refuses rather than go-yaml: no line is named. */
function mergeError({ line }: YamlNode, problem: string): YamlError {
  return new YamlError('YAML_SYNTAX', problem, { line, column: 0 })
}
