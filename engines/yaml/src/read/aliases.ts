import type { MappingKey } from './keys.ts'

/** What an anchor names. */
export type Anchor<T> = {
  /** False while its node is still being read. */
  done: boolean
  value: T | undefined
  /** The key that it makes when it is a scalar. */
  key: MappingKey | string | undefined
  /** Nodes that reading it anew would take, aliases within it followed. */
  nodes: number
  /** Messages about repeated keys within it; each alias repeats them. */
  duplicates: readonly string[]
}

/**
 * Whether aliases make up so much of a document that it must be an attack. `nodes` counts all nodes with aliases
 * followed, `aliased` those that were reached through an alias.
 *
 * Source: go.yaml.in/yaml/v2 2.4.4, decode.go: the share may be 99 % up to 400,000 nodes and sinks to 10 % at 4,000,000.
 */
export function isAliasBomb(aliased: number, nodes: number): boolean {
  return aliased > 100 && nodes > 1_000 && aliased / nodes > allowedShare(nodes)
}

function allowedShare(nodes: number): number {
  if (nodes <= 400_000) return 0.99
  if (nodes >= 4_000_000) return 0.1
  return 0.99 - (0.89 * (nodes - 400_000)) / 3_600_000
}
