import { maxRune, type RuneClass, type RuneRange } from './node.ts'
import { complement } from './parse-class.ts'

/** Code points as sorted, disjoint ranges. */
export type RuneSet = readonly RuneRange[]

/** The set of a class; `undefined` when it rests on Unicode's tables, for groups or for case beyond ASCII. */
export function runeSet({ ranges, groups, negated, folds }: RuneClass): RuneSet | undefined {
  if (groups.length > 0) return undefined
  if (folds && ranges.some(([, high]) => high > 0x7f)) return undefined
  const set = merge(folds ? [...ranges, ...ranges.flatMap(otherCase)] : ranges)
  return negated ? complement(set) : set
}

/** Whether two sets have nothing in common. */
export function areDisjoint(a: RuneSet, b: RuneSet): boolean {
  return a.every(([low, high]) => b.every((other) => other[1] < low || other[0] > high))
}

/** All ranges of both sets. */
export function union(a: RuneSet, b: RuneSet): RuneSet {
  return merge([...a, ...b])
}

/** The set as a class of a JavaScript regular expression. */
export function hostClass(set: RuneSet, unicode: boolean): string {
  if (set.length === 1 && set[0]?.[0] === 0 && set[0][1] === maxRune) return '[^]'
  return `[${set.map(([low, high]) => (low === high ? hostRune(low, unicode) : `${hostRune(low, unicode)}-${hostRune(high, unicode)}`)).join('')}]`
}

function hostRune(code: number, unicode: boolean): string {
  const digits = code.toString(16)
  return unicode ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`
}

/** Letters of the other case. K and S have a third form each: KELVIN SIGN and LONG S. */
function otherCase([low, high]: RuneRange): RuneRange[] {
  const result: RuneRange[] = []
  const shift = (from: number, to: number, by: number): void => {
    const first = Math.max(low, from)
    const last = Math.min(high, to)
    if (first > last) return
    result.push([first + by, last + by])
  }
  shift(65, 90, 32)
  shift(97, 122, -32)
  if (contains(low, high, 'k')) result.push([0x212a, 0x212a])
  if (contains(low, high, 's')) result.push([0x17f, 0x17f])
  return result
}

function contains(low: number, high: number, letter: 'k' | 's'): boolean {
  const small = letter.charCodeAt(0)
  return (low <= small && high >= small) || (low <= small - 32 && high >= small - 32)
}

function merge(ranges: readonly RuneRange[]): RuneRange[] {
  const result: RuneRange[] = []
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && low <= last[1] + 1) result[result.length - 1] = [last[0], Math.max(last[1], high)]
    else result.push([low, high])
  }
  return result
}
