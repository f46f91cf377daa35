/** A value at the end of a path. Times and bytes are kept as their text. */
export type SopsLeaf = string | number | bigint | boolean | null

/**
 * A document in the order in which it was written: the checksum depends on it. Mutable, since decryption replaces values in
 * place.
 */
export type SopsNode =
  | { kind: 'map'; entries: [key: string, value: SopsNode][] }
  | { kind: 'list'; items: SopsNode[] }
  | { kind: 'leaf'; value: SopsLeaf }

/** The value of a map's key. */
export function entryOf(node: SopsNode | undefined, key: string): SopsNode | undefined {
  return node?.kind === 'map' ? node.entries.find(([name]) => name === key)?.[1] : undefined
}

/** The text of a leaf; other nodes have none. */
export function textOf(node: SopsNode | undefined): string | undefined {
  return node?.kind === 'leaf' && node.value !== null ? String(node.value) : undefined
}

/** Items of a list; other nodes have none. */
export function itemsOf(node: SopsNode | undefined): readonly SopsNode[] {
  return node?.kind === 'list' ? node.items : []
}

/** Takes the entry `key` out of a map and returns its value. */
export function takeEntry(node: SopsNode, key: string): SopsNode | undefined {
  if (node.kind !== 'map') return undefined
  const at = node.entries.findIndex(([name]) => name === key)
  return at < 0 ? undefined : node.entries.splice(at, 1)[0]?.[1]
}

/** The node as plain values; a repeated key counts with its last value. */
export function toPlain(node: SopsNode): unknown {
  switch (node.kind) {
    case 'leaf':
      return node.value
    case 'list':
      return node.items.map(toPlain)
    case 'map':
      return Object.fromEntries(node.entries.map(([key, value]) => [key, toPlain(value)]))
  }
}

/** Plain values as a node, in the order of their keys. */
export function fromPlain(value: unknown): SopsNode {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(fromPlain) }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined)
    return { kind: 'map', entries: entries.map(([key, field]) => [key, fromPlain(field)]) }
  }
  return { kind: 'leaf', value: (value ?? null) as SopsLeaf }
}
