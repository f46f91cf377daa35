/** What a line of a diff is: in both texts, only in the first, or only in the second. */
type Edit = { readonly kind: ' ' | '-' | '+'; readonly line: string }

const contextLines = 3
/** More differences than this are shown as one text in the place of the other: nobody reads them line by line. */
const maxDistance = 1_000
const noNewline = '\\ No newline at end of file'

/**
 * The difference of two texts as `diff -u` and `git diff` print it; empty when they are equal.
 *
 * @param from name of the first text, such as `a/app.yaml`
 */
export function unifiedDiff(
  [from, to]: readonly [from: string, to: string],
  [before, after]: readonly [before: string, after: string],
): string {
  if (before === after) return ''
  const hunks = hunksOf(editsOf(linesOf(before), linesOf(after)))
  return [`--- ${from}`, `+++ ${to}`, ...hunks, ''].join('\n')
}

/** Lines without their line feed; the last one says when it has none. */
function linesOf(text: string): readonly string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  else lines.push(`${lines.pop()}\n${noNewline}`)
  return lines
}

function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let start = 0
  while (start < before.length && before[start] === after[start]) start += 1
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return [
    ...edits(' ', before.slice(0, start)),
    ...shortestEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...edits(' ', before.slice(before.length - end)),
  ]
}

function edits(kind: Edit['kind'], lines: readonly string[]): Edit[] {
  return lines.map((line) => ({ kind, line }))
}

/** Source: E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986. */
function shortestEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const reach = new Map<number, number>([[1, 0]])
  const history: ReadonlyMap<number, number>[] = []
  const distance = Math.min(before.length + after.length, maxDistance)
  for (let d = 0; d <= distance; d += 1) {
    history.push(new Map(reach))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1))
      let x = down ? at(reach, k + 1) : at(reach, k - 1) + 1
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1
      reach.set(k, x)
      if (x >= before.length && x - k >= after.length) return trace(history, before, after)
    }
  }
  return [...edits('-', before), ...edits('+', after)]
}

function trace(
  history: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Edit[] {
  const reversed: Edit[] = []
  let [x, y] = [before.length, after.length]
  for (let d = history.length - 1; d >= 0; d -= 1) {
    const reach = history[d] ?? new Map<number, number>()
    const k = x - y
    const down = k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1))
    const previousX = at(reach, down ? k + 1 : k - 1)
    const previousY = previousX - (down ? k + 1 : k - 1)
    for (; x > previousX && y > previousY; x -= 1, y -= 1) {
      reversed.push({ kind: ' ', line: before[x - 1] ?? '' })
    }
    if (d === 0) break
    reversed.push(down ? { kind: '+', line: after[y - 1] ?? '' } : { kind: '-', line: before[x - 1] ?? '' })
    x = previousX
    y = previousY
  }
  return reversed.toReversed()
}

function at(reach: ReadonlyMap<number, number>, k: number): number {
  return reach.get(k) ?? 0
}

/** Changes with the lines around them; those that are near each other together. */
function* hunksOf(all: readonly Edit[]): Generator<string> {
  let [line, otherLine] = [1, 1]
  let index = 0
  while (index < all.length) {
    const change = all.findIndex((it, i) => i >= index && it.kind !== ' ')
    if (change < 0) return
    const start = Math.max(index, change - contextLines)
    line += start - index
    otherLine += start - index
    const end = endOfHunk(all, change)
    const hunk = all.slice(start, end)
    const counts = [hunk.filter((it) => it.kind !== '+').length, hunk.filter((it) => it.kind !== '-').length]
    yield `@@ -${range(line, counts[0])} +${range(otherLine, counts[1])} @@`
    for (const edit of hunk) yield edit.kind + edit.line
    line += counts[0] ?? 0
    otherLine += counts[1] ?? 0
    index = end
  }
}

function endOfHunk(all: readonly Edit[], change: number): number {
  let end = change
  for (let i = change; i < all.length && i - end <= 2 * contextLines; i += 1) {
    if (all[i]?.kind !== ' ') end = i
  }
  return Math.min(all.length, end + 1 + contextLines)
}

function range(line: number, count = 0): string {
  if (count === 1) return `${line}`
  return `${count === 0 ? line - 1 : line},${count}`
}
