import type { AssertionPlace, RegexpNode, RuneClass } from './node.ts'

const assertions: Readonly<Record<AssertionPlace, string>> = {
  'begin-text': String.raw`\A`,
  'end-text': String.raw`\z`,
  'begin-line': '(?m:^)',
  'end-line': '(?m:$)',
  boundary: String.raw`\b`,
  'no-boundary': String.raw`\B`,
}

/** A pattern without names, flags and shorthands, which re2js reads as Go reads the original. */
export function emitRe2(node: RegexpNode): string {
  switch (node.kind) {
    case 'class':
      return emitClass(node)
    case 'assertion':
      return assertions[node.at]
    case 'capture':
      return `(${emitRe2(node.body)})`
    case 'concat':
      return `(?:${node.items.map(emitRe2).join('')})`
    case 'alternate':
      return `(?:${node.items.map(emitRe2).join('|')})`
    case 'repeat':
      return `(?:${emitRe2(node.body)})${repeatOperator(node)}`
  }
}

/** The operator of a repetition. */
export function repeatOperator({
  min,
  max,
  greedy,
}: {
  readonly min: number
  readonly max: number
  readonly greedy: boolean
}): string {
  const lazy = greedy ? '' : '?'
  if (min === 0 && max === -1) return `*${lazy}`
  if (min === 1 && max === -1) return `+${lazy}`
  if (min === 0 && max === 1) return `?${lazy}`
  if (min === max) return `{${min}}${lazy}`
  return `{${min},${max < 0 ? '' : max}}${lazy}`
}

function emitClass({ ranges, groups, negated, folds }: RuneClass): string {
  const parts = [
    ...ranges.map(([low, high]) => (low === high ? rune(low) : `${rune(low)}-${rune(high)}`)),
    ...groups.map((group) =>
      group.name === 'ASCII'
        ? `[:${group.negated ? '^' : ''}ascii:]`
        : `\\${group.negated ? 'P' : 'p'}{${group.name}}`,
    ),
  ]
  const set = `[${negated ? '^' : ''}${parts.join('')}]`
  return folds ? `(?i:${set})` : set
}

function rune(code: number): string {
  return `\\x{${code.toString(16)}}`
}
