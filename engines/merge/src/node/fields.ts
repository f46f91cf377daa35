import type { YamlNode } from '@sluice/yaml'

const nullTag = '!!null'

/** Whether there is no node, or a null. */
export function isMissingOrNull(node: YamlNode | undefined): boolean {
  return node === undefined || node.tag === nullTag
}

export function isNull(node: YamlNode | undefined): boolean {
  return node?.tag === nullTag
}

export function isEmptyMapping(node: YamlNode): boolean {
  return node.kind === 'mapping' && node.content.length === 0
}

/** Index of the key `name` in a mapping's content; -1 where there is none. */
export function keyIndex({ kind, content }: YamlNode, name: string): number {
  if (kind !== 'mapping') return -1
  for (let i = 0; i < content.length; i += 2) {
    if (content[i]?.value === name) return i
  }
  return -1
}

/** The value of the first key `name` of a mapping. */
export function fieldOf(node: YamlNode | undefined, name: string): YamlNode | undefined {
  if (!node) return undefined
  const at = keyIndex(node, name)
  return at < 0 ? undefined : node.content[at + 1]
}

/** Removes the first key `name`. */
export function removeField(node: YamlNode, name: string): void {
  const at = keyIndex(node, name)
  if (at >= 0) node.content.splice(at, 2)
}
