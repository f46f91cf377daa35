import type { SopsNode } from '../sops/tree.ts'

const separator = /__(list|map)_/

/**
 * Metadata written as flat keys, such as `age__list_0__map_enc`, as the nested ones they stand for.
 *
 * Source: getsops/sops v3, stores/flatten.
 */
export function unflatten(entries: readonly (readonly [key: string, value: string])[]): SopsNode {
  const root: SopsNode = { kind: 'map', entries: [] }
  for (const [key, value] of entries) {
    // Every second part says what the next one is: `list` an index, `map` a key.
    const parts = key.split(separator)
    let node: SopsNode = root
    for (let at = 0; at < parts.length; at += 2) {
      node = child(node, parts[at] ?? '', kindAfter(parts, at))
    }
    if (node.kind === 'leaf') node.value = value.replaceAll('\\n', '\n')
  }
  return root
}

function kindAfter(parts: readonly string[], at: number): SopsNode['kind'] {
  const next = parts[at + 1]
  return next === 'list' || next === 'map' ? next : 'leaf'
}

function child(node: SopsNode, name: string, kind: SopsNode['kind']): SopsNode {
  if (node.kind === 'list') {
    const index = Number(name)
    const known = node.items[index]
    if (known) return known
    const made = empty(kind)
    // Indexes are written in order; one that is not opens no gap.
    node.items.push(made)
    return made
  }
  if (node.kind === 'leaf') return node
  const known = node.entries.find(([key]) => key === name)?.[1]
  if (known) return known
  const made = empty(kind)
  node.entries.push([name, made])
  return made
}

function empty(kind: SopsNode['kind']): SopsNode {
  if (kind === 'leaf') return { kind, value: '' }
  return kind === 'list' ? { kind, items: [] } : { kind, entries: [] }
}
