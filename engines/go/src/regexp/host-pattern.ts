import { repeatOperator } from './emit-re2.ts'
import type { AssertionPlace, RegexpNode, RepeatNode } from './node.ts'
import { areDisjoint, hostClass, type RuneSet, runeSet, union } from './rune-set.ts'

/** A pattern for the host's RegExp. */
export type HostPattern = { readonly source: string; readonly flags: string }

/** Steps that trying a bounded pattern at one place may take. */
const maxSteps = 256
/** The same beside unbounded repetitions, which each of the ways may run through once. */
const maxWaysBesideLoops = 16

const assertions: Readonly<Record<AssertionPlace, string>> = {
  'begin-text': '^',
  'end-text': '$',
  // Only a line feed ends a line, not what RegExp's own flag counts as well.
  'begin-line': String.raw`(?:^|(?<=\n))`,
  'end-line': String.raw`(?=\n|$)`,
  boundary: String.raw`\b`,
  'no-boundary': String.raw`\B`,
}

/** A part of the pattern in the order of matching, groups opened. */
type Atom = {
  readonly node: RegexpNode
  /** Ways to match at one place. */
  readonly ways: number
  /** Longest match in characters; for a loop, of the part that must be there. */
  readonly length: number
  readonly nullable: boolean
  /** What it may begin with. */
  readonly first: RuneSet
  /** What it repeats without end, for a loop. */
  readonly loop: RuneSet | undefined
}

/**
 * The same pattern for the host's backtracking RegExp, where that is certain to find the same matches and to take time
 * linear in the input; `undefined` where it is not.
 *
 * Certain are: patterns without unbounded repetition and with few ways to match; those whose only unbounded repetition
 * of a character class comes last; and those that begin at the beginning of the text, where what follows each
 * repetition cannot begin with what is repeated, so that going back fails at once.
 */
export function hostPattern(root: RegexpNode): HostPattern | undefined {
  const atoms: Atom[] = []
  if (!collect(root, atoms) || !isLinear(atoms)) return undefined
  const unicode = needsUnicode(root)
  return { source: emit(root, unicode), flags: unicode ? 'gu' : 'g' }
}

/** Lists the atoms of `node`; false when it has something that is not certain. */
function collect(node: RegexpNode, atoms: Atom[]): boolean {
  if (node.kind === 'concat') return node.items.every((item) => collect(item, atoms))
  if (node.kind === 'capture') return collect(node.body, atoms)
  const atom = atomOf(node)
  if (atom) atoms.push(atom)
  return atom !== undefined
}

function isLinear(atoms: readonly Atom[]): boolean {
  const ways = atoms.reduce((product, atom) => product * atom.ways, 1)
  const length = atoms.reduce((sum, atom) => sum + atom.length, 0)
  const loops = atoms.filter((atom) => atom.loop !== undefined)
  if (ways * (length + 1) > maxSteps) return false
  if (loops.length === 0) return true
  if (ways > maxWaysBesideLoops) return false
  if (isTextBegin(atoms[0]?.node)) return atoms.every((_, index) => endsAtOnce(atoms, index))
  return loops.length === 1 && atoms.at(-1) === loops[0]
}

function isTextBegin(node: RegexpNode | undefined): boolean {
  return node?.kind === 'assertion' && node.at === 'begin-text'
}

/** Whether what follows the loop at `index`, if one is there, cannot begin with what it repeats. */
function endsAtOnce(atoms: readonly Atom[], index: number): boolean {
  const loop = atoms[index]?.loop
  if (!loop) return true
  let next: RuneSet = []
  for (const atom of atoms.slice(index + 1)) {
    next = union(next, atom.first)
    if (!atom.nullable) break
  }
  return areDisjoint(loop, next)
}

function atomOf(node: RegexpNode): Atom | undefined {
  switch (node.kind) {
    case 'class': {
      const set = runeSet(node)
      return set && { node, ways: 1, length: 1, nullable: false, first: set, loop: undefined }
    }
    case 'repeat':
      return repeatAtom(node)
    case 'alternate':
      return alternateAtom(node, node.items)
    case 'capture':
      return atomOf(node.body)
    case 'concat':
      return concatAtom(node, node.items)
    case 'assertion':
      return { node, ways: 1, length: 0, nullable: true, first: [], loop: undefined }
  }
}

function repeatAtom(node: RepeatNode): Atom | undefined {
  const { min, max } = node
  const body = atomOf(node.body)
  // An empty turn, and groups in several turns, differ between the two engines.
  if (!body || body.nullable || body.loop) return undefined
  if (hasCapture(node.body) && !(min === 0 && max === 1)) return undefined
  const nullable = min === 0
  const { first } = body
  if (max < 0) {
    if (node.body.kind !== 'class') return undefined
    return { node, ways: 1, length: min, nullable, first, loop: first }
  }
  let ways = 0
  for (let turns = min; turns <= max && ways <= maxSteps; turns += 1) ways += body.ways ** turns
  return { node, ways, length: body.length * max, nullable, first, loop: undefined }
}

function alternateAtom(node: RegexpNode, items: readonly RegexpNode[]): Atom | undefined {
  let ways = 0
  let length = 0
  let nullable = false
  let first: RuneSet = []
  for (const item of items) {
    const atom = atomOf(item)
    if (!atom || atom.loop) return undefined
    ways += atom.ways
    length = Math.max(length, atom.length)
    nullable ||= atom.nullable
    first = union(first, atom.first)
  }
  return { node, ways, length, nullable, first, loop: undefined }
}

function concatAtom(node: RegexpNode, items: readonly RegexpNode[]): Atom | undefined {
  let ways = 1
  let length = 0
  let nullable = true
  let first: RuneSet = []
  for (const item of items) {
    const atom = atomOf(item)
    if (!atom || atom.loop) return undefined
    ways *= atom.ways
    length += atom.length
    if (nullable) first = union(first, atom.first)
    nullable &&= atom.nullable
  }
  return { node, ways, length, nullable, first, loop: undefined }
}

function hasCapture(node: RegexpNode): boolean {
  switch (node.kind) {
    case 'capture':
      return true
    case 'repeat':
      return hasCapture(node.body)
    case 'concat':
    case 'alternate':
      return node.items.some(hasCapture)
    case 'class':
    case 'assertion':
      return false
  }
}

/** Whether a class has characters of two units, so that RegExp must look at whole ones. */
function needsUnicode(node: RegexpNode): boolean {
  switch (node.kind) {
    case 'class':
      return (runeSet(node) ?? []).some(([, high]) => high > 0xffff)
    case 'capture':
    case 'repeat':
      return needsUnicode(node.body)
    case 'concat':
    case 'alternate':
      return node.items.some(needsUnicode)
    case 'assertion':
      return false
  }
}

function emit(node: RegexpNode, unicode: boolean): string {
  switch (node.kind) {
    case 'class':
      return hostClass(runeSet(node) ?? [], unicode)
    case 'assertion':
      return assertions[node.at]
    case 'capture':
      return `(${emit(node.body, unicode)})`
    case 'concat':
      return node.items
        .map((item) => (item.kind === 'alternate' ? `(?:${emit(item, unicode)})` : emit(item, unicode)))
        .join('')
    case 'alternate':
      return node.items.map((item) => emit(item, unicode)).join('|')
    case 'repeat':
      return `(?:${emit(node.body, unicode)})${repeatOperator(node)}`
  }
}
