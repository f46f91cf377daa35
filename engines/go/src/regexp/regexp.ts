import { type Matcher, type MatchIndexes, matcherOf } from './matcher.ts'
import { parseRegexp } from './parse.ts'
import { parseTemplate, type TemplatePart } from './template.ts'

/**
 * A regular expression of Go: RE2's syntax, leftmost-first matches, time linear in the text whatever the pattern.
 * Texts are Go strings; indexes count UTF-16 units.
 *
 * Source: https://pkg.go.dev/regexp
 */
export class GoRegexp {
  readonly source: string
  /** One a group, that of the whole match first; '' for groups without name. */
  readonly groupNames: readonly string[]
  readonly #matcher: Matcher

  constructor(source: string, groupNames: readonly string[], matcher: Matcher) {
    this.source = source
    this.groupNames = groupNames
    this.#matcher = matcher
  }

  /** Whether there is a match anywhere. */
  test(text: string): boolean {
    return this.#matcher.test(text)
  }

  /** The first match and its groups; a group that took no part is ''. */
  find(text: string): string[] | undefined {
    const indexes = this.findIndex(text)
    return indexes && slices(text, indexes)
  }

  /** Where the first match and its groups are. */
  findIndex(text: string): MatchIndexes | undefined {
    return this.#matcher.find(text, 0, this.groupNames.length > 1)
  }

  /** Up to `limit` matches with their groups, all for -1. */
  findAll(text: string, limit = -1): string[][] {
    return this.findAllIndex(text, limit).map((indexes) => slices(text, indexes))
  }

  /** Where up to `limit` matches and their groups are, all for -1. */
  findAllIndex(text: string, limit = -1): MatchIndexes[] {
    return this.#all(text, limit, this.groupNames.length > 1)
  }

  /** Replaces every match by `template`, in which `$1`, `${name}` and so on stand for groups. */
  replaceAll(text: string, template: string): string {
    const parts = parseTemplate(template)
    const needsGroups = parts.some((part) => typeof part !== 'string')
    return this.#replace(text, needsGroups, (indexes) => this.#expand(parts, text, indexes))
  }

  /** Replaces every match by `replacement` as it is. */
  replaceAllLiteral(text: string, replacement: string): string {
    return this.#replace(text, false, () => replacement)
  }

  /** Cuts `text` at the matches into `limit` pieces at most, all for -1. */
  split(text: string, limit = -1): string[] {
    if (limit === 0) return []
    if (this.source !== '' && text === '') return ['']
    const pieces: string[] = []
    let begin = 0
    let end = 0
    for (const [start = 0, stop = 0] of this.#all(text, limit, false)) {
      if (limit > 0 && pieces.length === limit - 1) break
      end = start
      if (stop !== 0) pieces.push(text.slice(begin, end))
      begin = stop
    }
    if (end !== text.length) pieces.push(text.slice(begin))
    return pieces
  }

  /** Fills the groups of a match of `text` into a template as {@link GoRegexp.replaceAll} does. */
  expand(template: string, text: string, indexes: MatchIndexes): string {
    return this.#expand(parseTemplate(template), text, indexes)
  }

  #all(text: string, limit: number, groups: boolean): MatchIndexes[] {
    const matches: MatchIndexes[] = []
    let from = 0
    let previousEnd = -1
    while (from <= text.length && matches.length !== limit) {
      const match = this.#matcher.find(text, from, groups)
      if (!match) break
      const [start = 0, end = 0] = match
      // An empty match right after another match does not count.
      const counts = end !== from || start !== previousEnd
      from = end > from ? end : from + runeWidth(text, from)
      previousEnd = end
      if (counts) matches.push(match)
    }
    return matches
  }

  #replace(text: string, groups: boolean, replacement: (indexes: MatchIndexes) => string): string {
    let result = ''
    let copied = 0
    let from = 0
    while (from <= text.length) {
      const match = this.#matcher.find(text, from, groups)
      if (!match) break
      const [start = 0, end = 0] = match
      result += text.slice(copied, start)
      // Not for an empty match right after another match.
      if (end > copied || start === 0) result += replacement(match)
      copied = end
      from = end > from ? end : from + runeWidth(text, from)
    }
    return copied === 0 && result === '' ? text : result + text.slice(copied)
  }

  #expand(parts: readonly TemplatePart[], text: string, indexes: MatchIndexes): string {
    let result = ''
    for (const part of parts) {
      if (typeof part === 'string') result += part
      else result += group(text, indexes, 'group' in part ? part.group : this.#groupNamed(part.name, indexes))
    }
    return result
  }

  /** The first group of that name that took part. */
  #groupNamed(name: string, indexes: MatchIndexes): number {
    return this.groupNames.findIndex(
      (it, index) => it === name && it !== '' && (indexes[index * 2] ?? -1) >= 0,
    )
  }
}

/** Compiles a pattern. @throws {RegexpError} with Go's message */
export function compileRegexp(pattern: string): GoRegexp {
  const { root, names } = parseRegexp(pattern)
  return new GoRegexp(pattern, names, matcherOf(root, names.length - 1))
}

/** A pattern that matches exactly `text`. Source: https://pkg.go.dev/regexp#QuoteMeta */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`)
}

function slices(text: string, indexes: MatchIndexes): string[] {
  const result: string[] = []
  for (let index = 0; index * 2 < indexes.length; index += 1) result.push(group(text, indexes, index))
  return result
}

function group(text: string, indexes: MatchIndexes, index: number): string {
  const start = indexes[index * 2] ?? -1
  return start < 0 ? '' : text.slice(start, indexes[index * 2 + 1])
}

function runeWidth(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
