import * as events from '../parse/events.ts'
import { Parser } from '../parse/parser.ts'
import { earlierError, openSource } from '../read/source.ts'
import { isBlank, isBreakOrEnd } from '../scan/characters.ts'
import type { ScalarStyle } from '../scan/token.ts'

/** A value (not a key) of a YAML text that has a comment: on its line, or, in a list, on the line above. */
export type CommentedScalar = {
  /** Index of the document in the stream, from 0. */
  readonly document: number
  /** Keys and indexes that lead to it. */
  readonly path: readonly (string | number)[]
  readonly value: string
  readonly style: ScalarStyle
  /** Whether it stands in a `[…]` or `{…}`. */
  readonly inFlow: boolean
  /** Where its text begins and ends, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** From 1. */
  readonly line: number
  /** The comment's text without the leading `#`. */
  readonly comment: string
}

/** A collection that is open: the key or index that comes next. */
type Level = {
  readonly isMapping: boolean
  readonly inFlow: boolean
  key: string | undefined
  index: number
}

const maxDepth = 1_000

/**
 * Finds the values that have comments, in the order of the text.
 *
 * @throws {YamlError} when the text is not YAML
 */
export function findCommentedScalars(text: string): CommentedScalar[] {
  const source = openSource(text)
  // A byte order mark is not part of what is scanned.
  const shift = text.startsWith('\ufeff') ? 1 : 0
  const parser = new Parser(source.text, maxDepth)
  const found: CommentedScalar[] = []
  try {
    new Finder(parser, shift, found).run()
  } catch (error) {
    throw earlierError(source, error, parser.scanner.offset)
  }
  if (source.bad) throw source.bad.error
  return found
}

class Finder {
  readonly #parser: Parser
  readonly #shift: number
  readonly #found: CommentedScalar[]
  readonly #levels: Level[] = []
  #document = -1

  constructor(parser: Parser, shift: number, found: CommentedScalar[]) {
    this.#parser = parser
    this.#shift = shift
    this.#found = found
  }

  run(): void {
    for (let kind = this.#parser.next(); kind !== events.STREAM_END; kind = this.#parser.next()) {
      this.#read(kind)
    }
  }

  #read(kind: number): void {
    switch (kind) {
      case events.DOCUMENT_START:
        this.#document += 1
        break
      case events.SCALAR:
        if (!this.#takeKey(this.#parser.value)) {
          this.#visit()
          this.#finishValue()
        }
        break
      case events.ALIAS:
        if (!this.#takeKey(`*${this.#parser.value}`)) this.#finishValue()
        break
      case events.MAPPING_START:
      case events.SEQUENCE_START:
        this.#levels.push({
          isMapping: kind === events.MAPPING_START,
          inFlow: this.#parser.style === 'flow',
          key: undefined,
          index: 0,
        })
        break
      case events.MAPPING_END:
      case events.SEQUENCE_END:
        this.#levels.pop()
        if (!this.#takeKey('')) this.#finishValue()
        break
      default:
        break
    }
  }

  /** Takes `key` as a key if one comes next. */
  #takeKey(key: string): boolean {
    const level = this.#levels.at(-1)
    if (!level?.isMapping || level.key !== undefined) return false
    level.key = key
    return true
  }

  #finishValue(): void {
    const level = this.#levels.at(-1)
    if (!level) return
    level.key = undefined
    level.index += 1
  }

  #visit(): void {
    const { start, end, value, style, line } = this.#parser
    // An empty value has no text of its own to replace.
    if (start === end || (style !== 'plain' && style !== 'single' && style !== 'double')) return
    const comment = this.#lineComment(end) ?? this.#commentAbove(start)
    if (comment === undefined) return
    this.#found.push({
      document: this.#document,
      path: this.#levels.map((level) => (level.isMapping ? (level.key ?? '') : level.index)),
      value,
      style,
      inFlow: this.#levels.at(-1)?.inFlow ?? false,
      start: start + this.#shift,
      end: end + this.#shift,
      line: line + 1,
      comment,
    })
  }

  /** The comment after a value on its line; in a flow collection a comma may stand between. */
  #lineComment(end: number): string | undefined {
    const { text } = this.#parser.scanner
    let at = end
    while (isBlank(text.charCodeAt(at))) at += 1
    if (this.#levels.at(-1)?.inFlow && text[at] === ',') at += 1
    while (isBlank(text.charCodeAt(at))) at += 1
    return text[at] === '#' && at > end ? commentAt(text, at) : undefined
  }

  /** The comment that is alone on the line above an item of a block sequence. */
  #commentAbove(start: number): string | undefined {
    const level = this.#levels.at(-1)
    if (!level || level.isMapping || level.inFlow) return undefined
    const { text } = this.#parser.scanner
    const lineStart = startOfLine(text, start)
    if (lineStart === 0 || !/^[ \t]*-[ \t]+$/.test(text.slice(lineStart, start))) return undefined
    const isCrLf = text[lineStart - 1] === '\n' && text[lineStart - 2] === '\r'
    const above = startOfLine(text, lineStart - (isCrLf ? 2 : 1))
    let at = above
    while (isBlank(text.charCodeAt(at))) at += 1
    return text[at] === '#' ? commentAt(text, at) : undefined
  }
}

function startOfLine(text: string, at: number): number {
  let start = at
  while (start > 0 && !isBreakOrEnd(text.charCodeAt(start - 1))) start -= 1
  return start
}

function commentAt(text: string, hash: number): string {
  let end = hash
  while (!isBreakOrEnd(text.charCodeAt(end))) end += 1
  return text.slice(hash, end).replace(/^#+/, '')
}
