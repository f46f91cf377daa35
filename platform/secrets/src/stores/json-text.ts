import { plainNumber } from '../sops/decrypt-tree.ts'
import type { SopsNode } from '../sops/tree.ts'
import { SopsError } from '../sops-error.ts'

const maxDepth = 200
const token = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))/y

/**
 * Reads JSON in the order in which it was written, which plain objects do not keep for keys that look like numbers.
 *
 * @throws {SopsError} without any part of the text.
 */
export function readJson(text: string): SopsNode {
  let at = 0
  const next = (): string => {
    token.lastIndex = at
    const match = token.exec(text)
    if (!match) throw malformed()
    at = token.lastIndex
    return match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
  }
  const peek = (): string => {
    const before = at
    const found = next()
    at = before
    return found
  }

  const value = (depth: number): SopsNode => {
    if (depth > maxDepth) throw new SopsError('SOPS_MALFORMED', `nested deeper than ${maxDepth}`)
    const first = next()
    if (first === '{') return { kind: 'map', entries: members(depth) }
    if (first === '[') return { kind: 'list', items: elements(depth) }
    return { kind: 'leaf', value: scalar(first) }
  }
  const members = (depth: number): [string, SopsNode][] => {
    const entries: [string, SopsNode][] = []
    if (peek() === '}') {
      next()
      return entries
    }
    for (;;) {
      const key = scalar(next())
      if (typeof key !== 'string' || next() !== ':') throw malformed()
      entries.push([key, value(depth + 1)])
      const end = next()
      if (end === '}') return entries
      if (end !== ',') throw malformed()
    }
  }
  const elements = (depth: number): SopsNode[] => {
    const items: SopsNode[] = []
    if (peek() === ']') {
      next()
      return items
    }
    for (;;) {
      items.push(value(depth + 1))
      const end = next()
      if (end === ']') return items
      if (end !== ',') throw malformed()
    }
  }

  const root = value(0)
  if (text.slice(at).trim() !== '') throw malformed()
  return root
}

/** JSON indented by tabs, as `sops` writes it. */
export function writeJson(node: SopsNode, indent = ''): string {
  const inner = `${indent}\t`
  switch (node.kind) {
    case 'leaf':
      return typeof node.value === 'number'
        ? plainNumber(node.value)
        : typeof node.value === 'bigint'
          ? String(node.value)
          : quote(node.value)
    case 'list':
      return node.items.length === 0
        ? '[]'
        : `[\n${node.items.map((item) => inner + writeJson(item, inner)).join(',\n')}\n${indent}]`
    case 'map':
      return node.entries.length === 0
        ? '{}'
        : `{\n${node.entries
            .map(([key, value]) => `${inner}${quote(key)}: ${writeJson(value, inner)}`)
            .join(',\n')}\n${indent}}`
  }
}

/** As Go's encoder without HTML escapes: the two line separators of Unicode are escaped. */
function quote(value: string | boolean | null): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function scalar(text: string): string | number | bigint | boolean | null {
  if (/^-?\d+$/.test(text)) {
    const value = Number(text)
    return Number.isSafeInteger(value) ? value : BigInt(text)
  }
  try {
    return JSON.parse(text) as string | number | boolean | null
  } catch {
    // The parser's message would quote the text.
    throw malformed()
  }
}

function malformed(): SopsError {
  return new SopsError('SOPS_MALFORMED', 'could not unmarshal input data: invalid JSON')
}
