/** One thing that is wrong, with what led to it. */
export type Violation = {
  /** Names and indexes from the top. */
  readonly path: readonly string[]
  /** Absent for a mere group of causes. */
  readonly text: string | undefined
  readonly causes: readonly Violation[]
}

/** The lines of a report, causes indented below what they led to. */
export function reportLines(violations: readonly Violation[], depth = 0): string[] {
  return violations.flatMap(({ path, text, causes }) => [
    `${'  '.repeat(depth)}- at ${quoted(pointer(path))}: ${text ?? 'validation failed'}`,
    ...reportLines(causes, depth + 1),
  ])
}

/** Groups dissolve into those around them. */
export function flattened(violation: Violation | undefined): readonly Violation[] {
  if (!violation) return []
  return violation.text === undefined ? violation.causes : [violation]
}

/** No violation, the only one, or a group of them. */
export function grouped(path: readonly string[], violations: readonly Violation[]): Violation | undefined {
  const [first, ...more] = violations
  return more.length === 0 ? first : { path, text: undefined, causes: violations }
}

/** In single quotes, with Go's escapes. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner}'`
}

function pointer(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
