import { quote } from '@sluice/go'

/** Where a value is: names and indexes from the top, the last one first. */
export type Path = { readonly parent: Path | undefined; readonly name: string }

/** One thing that is wrong, with what led to it. */
export type Violation = {
  readonly path: Path | undefined
  readonly text: string
  readonly causes: readonly Violation[]
  /** A group only holds its causes together; a reference is shown when it has several. */
  readonly kind: 'plain' | 'group' | 'reference'
}

/** The lines of a report, causes indented below what they led to. */
export function reportLines(violations: readonly Violation[], depth = 0): string[] {
  return violations.flatMap((it) => {
    if (it.kind === 'reference' && it.causes.length === 1) return reportLines(it.causes, depth)
    const line = `${'  '.repeat(depth)}- at ${quoted(pointerText(it.path))}: ${it.text}`
    return [line, ...reportLines(it.causes, depth + 1)]
  })
}

/** What a violation of the whole stands for: a group's causes, or itself. */
export function causesOf(violation: Violation): readonly Violation[] {
  return violation.kind === 'group' ? violation.causes : [violation]
}

/** In single quotes, with Go's escapes. */
export function quoted(text: string): string {
  // Replaced before the quotes are taken off: a backslash at the end loses its own.
  return `'${quote(text).replaceAll('\\"', '"').replaceAll("'", "\\'").slice(1, -1)}'`
}

export function quotedList(texts: readonly string[]): string {
  return texts.map(quoted).join(', ')
}

/** The path as a JSON pointer. */
export function pointerText(path: Path | undefined): string {
  let text = ''
  for (let it = path; it; it = it.parent) text = `/${escapePointer(it.name)}${text}`
  return text
}

export function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
