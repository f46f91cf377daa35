/** Lines that were added or removed together. */
export type LineChange = { readonly kind: 'added' | 'removed'; readonly lines: readonly string[] }

/** Beyond this many steps the rest counts as replaced: texts that differ this much are not compared line by line. */
const maxSteps = 2_000

type Step = { readonly x: number; readonly y: number; readonly before: Step | undefined }

/**
 * The shortest way from one text to another, line by line; what is removed comes before what is added in its place.
 *
 * Source: E. Myers, An O(ND) Difference Algorithm and Its Variations, 1986.
 */
export function lineChanges(before: string, after: string): readonly LineChange[] {
  const [old, now] = [linesOf(before), linesOf(after)]
  const changes: { kind: 'added' | 'removed'; lines: string[]; at: string }[] = []
  const add = (kind: 'added' | 'removed', line: string, at: string) => {
    const same = changes.findLast((change) => change.at === at && change.kind === kind)
    if (same) same.lines.push(line)
    else changes.push({ kind, lines: [line], at })
  }
  let place = 0
  let [x, y] = [0, 0]
  for (const step of stepsBetween(old, now)) {
    if (step.x - x === step.y - y) {
      place += step.x > x ? 1 : 0
    } else {
      for (; x < step.x; x += 1) add('removed', old[x] ?? '', String(place))
      for (; y < step.y; y += 1) add('added', now[y] ?? '', String(place))
    }
    x = step.x
    y = step.y
  }
  return changes
    .toSorted(
      (a, b) => Number(a.at) - Number(b.at) || (a.kind === b.kind ? 0 : a.kind === 'removed' ? -1 : 1),
    )
    .map(({ kind, lines }) => ({ kind, lines }))
}

/** Corners of the way, from the beginning to the end: along equal lines, or over one that is removed or added. */
function stepsBetween(old: readonly string[], now: readonly string[]): readonly Step[] {
  const slide = (step: Step): Step => {
    let { x, y } = step
    while (x < old.length && y < now.length && old[x] === now[y]) {
      x += 1
      y += 1
    }
    return x === step.x ? step : { x, y, before: step }
  }
  let furthest = new Map<number, Step>([[0, slide({ x: 0, y: 0, before: undefined })]])
  const end = { x: old.length, y: now.length }
  for (let depth = 0; depth <= Math.min(maxSteps, old.length + now.length); depth += 1) {
    const done = furthest.get(end.x - end.y)
    if (done && done.x >= end.x && done.y >= end.y) return unwound(done)
    const next = new Map<number, Step>()
    for (let diagonal = -depth - 1; diagonal <= depth + 1; diagonal += 2) {
      const [above, left] = [furthest.get(diagonal + 1), furthest.get(diagonal - 1)]
      const down = above && above.y < end.y ? { x: above.x, y: above.y + 1, before: above } : undefined
      const right = left && left.x < end.x ? { x: left.x + 1, y: left.y, before: left } : undefined
      const best = !right || (down && down.x > right.x) ? down : right
      if (best) next.set(diagonal, slide(best))
    }
    furthest = next
  }
  return [
    { x: 0, y: 0, before: undefined },
    { ...end, before: undefined },
  ]
}

function unwound(last: Step): readonly Step[] {
  const steps: Step[] = []
  for (let step: Step | undefined = last; step; step = step.before) steps.push(step)
  return steps.toReversed()
}

/** Without an empty line after the last line break. */
function linesOf(text: string): readonly string[] {
  if (text === '') return []
  return text.replace(/\n$/, '').split('\n')
}
