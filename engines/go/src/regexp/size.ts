import type { RegexpNode } from './node.ts'
import { RegexpError } from './syntax-error.ts'

/** Levels of groups and operators, as in Go. */
export const maxHeight = 1_000
/** Instructions of the compiled program. Go allows 3,355,443; matching costs instructions times characters. */
const maxSize = 100_000

/** @throws {RegexpError} when a pattern is nested too deeply or would become too large a program */
export function checkSize(root: RegexpNode, pattern: string): void {
  if (heightOf(root, 0) > maxHeight) throw new RegexpError('expression nests too deeply', pattern)
  if (sizeOf(root) > maxSize) throw new RegexpError('expression too large', pattern)
}

function heightOf(node: RegexpNode, above: number): number {
  // Deeper than allowed is all there is to know, and recursion must end.
  if (above > maxHeight) return above
  switch (node.kind) {
    case 'capture':
    case 'repeat':
      return heightOf(node.body, above + 1)
    case 'concat':
    case 'alternate':
      return node.items.reduce((most, item) => Math.max(most, heightOf(item, above + 1)), above + 1)
    case 'class':
    case 'assertion':
      return above + 1
  }
}

function sizeOf(node: RegexpNode): number {
  switch (node.kind) {
    case 'capture':
      return sizeOf(node.body) + 2
    case 'repeat': {
      const body = sizeOf(node.body)
      if (node.max < 0) return 2 + Math.max(node.min, 1) * body
      return node.max * body + (node.max - node.min)
    }
    case 'concat':
      return node.items.reduce((sum, item) => sum + sizeOf(item), 0)
    case 'alternate':
      return node.items.reduce((sum, item) => sum + sizeOf(item) + 1, 0)
    case 'class':
    case 'assertion':
      return 1
  }
}
