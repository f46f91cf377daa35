import { JsonPathError } from './json-path-error.ts'
import type { Bound, Part, Step } from './step.ts'

const terminators = new Set([' ', '\t', '\r', '\n', '', '.', ',', '[', ']', '$', '@', '{', '}'])
const maxDepth = 50

/**
 * Reads a template such as `{.metadata.name}{"\n"}`.
 *
 * Source: https://kubernetes.io/docs/reference/kubectl/jsonpath/
 * @throws {JsonPathError}
 */
export function parseTemplate(template: string): readonly Part[] {
  return nest(new Parser(template, 0).parseTemplate(), false).parts
}

type Actions = readonly (readonly Step[])[]

/** Puts what stands between `range` and `end` into a part of its own. */
function nest(
  actions: Actions,
  isInRange: boolean,
): { readonly parts: readonly Part[]; readonly rest: Actions } {
  const parts: Part[] = []
  let rest = actions
  while (rest.length > 0) {
    const [steps = [], ...others] = rest
    rest = others
    const word = steps.find((step) => step.kind === 'word')?.word
    if (word === 'end' && isInRange) return { parts, rest }
    if (word === 'range') {
      const inner = nest(rest, true)
      parts.push({ kind: 'range', steps: steps.filter((step) => step.kind !== 'word'), body: inner.parts })
      rest = inner.rest
    } else parts.push({ kind: 'path', steps })
  }
  return { parts, rest }
}

class Parser {
  readonly #text: string
  readonly #depth: number
  #at = 0

  constructor(text: string, depth: number) {
    if (depth > maxDepth) throw new JsonPathError('filters and unions are nested too deeply')
    this.#text = text
    this.#depth = depth
  }

  parseTemplate(): Actions {
    const actions: (readonly Step[])[] = []
    while (this.#at < this.#text.length) {
      const brace = this.#text.indexOf('{', this.#at)
      const end = brace < 0 ? this.#text.length : brace
      if (end > this.#at) actions.push([textStep(this.#text.slice(this.#at, end))])
      this.#at = end + 1
      if (brace >= 0) actions.push(this.#parseAction())
    }
    return actions
  }

  /** The steps up to the closing brace. */
  #parseAction(): Step[] {
    const steps: Step[] = []
    for (;;) {
      if (this.#takes('}')) return steps
      if (this.#takes('[?(')) steps.push(this.#parseFilter())
      else if (this.#takes('..')) this.#parseDescent(steps)
      else this.#parseStep(steps)
    }
  }

  #takes(prefix: string): boolean {
    if (!this.#text.startsWith(prefix, this.#at)) return false
    this.#at += prefix.length
    return true
  }

  #parseStep(steps: Step[]): void {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0x0a)
    if (character === '\n' || character === '\r') throw new JsonPathError('unclosed action')
    if (character === ' ' || character === '@' || character === '$') this.#at++
    else if (this.#takes('[')) steps.push(...this.#parseBrackets())
    else if (character === '"' || character === "'") steps.push(textStep(this.#parseQuoted(character)))
    else if (this.#takes('.')) steps.push(this.#parseField())
    else if (/[+\-\p{Nd}]/u.test(character)) steps.push(this.#parseNumber())
    else if (/[_\p{L}]/u.test(character)) steps.push(this.#parseWord())
    else {
      const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? ''
      throw new JsonPathError(`unrecognized character in action: U+${code} '${character}'`)
    }
  }

  #parseDescent(steps: Step[]): void {
    if (steps.at(-1)?.kind === 'descent') throw new JsonPathError('invalid multiple recursive descent')
    steps.push({ kind: 'descent' })
    if (/^[_\p{L}\p{Nd}]/u.test(this.#text.slice(this.#at, this.#at + 2))) steps.push(this.#parseField())
  }

  /** A name up to the next terminator that has no backslash before it. */
  #parseField(): Step {
    const start = this.#at
    while (!terminators.has(this.#text.charAt(this.#at))) {
      this.#at += this.#text.charAt(this.#at) === '\\' ? 2 : 1
    }
    const name = this.#text.slice(start, this.#at)
    return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') }
  }

  #parseNumber(): Step {
    const text = /^[+-]?[.\p{Nd}]*/u.exec(this.#text.slice(this.#at))?.[0] ?? ''
    this.#at += text.length
    if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text)) throw new JsonPathError(`cannot parse number ${text}`)
    return { kind: 'literal', value: Number(text), isFloat: text.includes('.') }
  }

  #parseWord(): Step {
    const start = this.#at
    while (!terminators.has(this.#text.charAt(this.#at))) this.#at++
    const word = this.#text.slice(start, this.#at)
    if (word === 'true' || word === 'false') {
      return { kind: 'literal', value: word === 'true', isFloat: false }
    }
    return { kind: 'word', word }
  }

  #parseQuoted(quote: string): string {
    const start = this.#at
    for (;;) {
      this.#at++
      const character = this.#text.charAt(this.#at)
      if (character === '' || character === '\n') throw new JsonPathError('unterminated quoted string')
      if (character === quote && this.#text.charAt(this.#at - 1) !== '\\') break
    }
    this.#at++
    return unquote(this.#text.slice(start, this.#at))
  }

  /** What stands in brackets: indexes, slices, quoted names, or several of them. */
  #parseBrackets(): Step[] {
    const start = this.#at
    const end = /[\]\n]/g
    end.lastIndex = start
    const match = end.exec(this.#text)
    if (match?.[0] !== ']') throw new JsonPathError('unterminated array')
    this.#at = match.index + 1
    const text = this.#text.slice(start, match.index)
    const choices = text.split(',')
    if (choices.length > 1) {
      return [
        { kind: 'union', paths: choices.map((it) => this.#parseInner(`[${it.replace(/^ +| +$/g, '')}]`)) },
      ]
    }
    const name = /^'([^']*)'$/.exec(text)?.[1]
    return name === undefined ? [sliceStep(text)] : this.#parseInner(`.${name}`)
  }

  #parseInner(text: string): Step[] {
    const [action = []] = new Parser(`{${text}}`, this.#depth + 1).parseTemplate()
    return [...action]
  }

  #parseFilter(): Step {
    const text = this.#filterText()
    const comparison = /^([^!<>=]+)([!<>=]+)(.+?)$/s.exec(text)
    if (!comparison) return { kind: 'filter', left: this.#parseInner(text), right: [], operator: 'exists' }
    const [, left = '', operator = '', right = ''] = comparison
    return { kind: 'filter', left: this.#parseInner(left), right: this.#parseInner(right), operator }
  }

  /** A filter ends at the first parenthesis that is not within its first quoted text. */
  #filterText(): string {
    const start = this.#at
    let quote = ''
    let isClosed = false
    for (;;) {
      const character = this.#text.charAt(this.#at++)
      if (character === '' || character === '\n') throw new JsonPathError('unterminated filter')
      if (character === ')' && (quote !== '') === isClosed) break
      if (character !== '"' && character !== "'") continue
      if (quote === '') quote = character
      else if (character === quote && this.#text.charAt(this.#at - 2) !== '\\') isClosed = true
    }
    const text = this.#text.slice(start, this.#at - 1)
    if (!this.#takes(']')) throw new JsonPathError('unclosed array expect ]')
    return text
  }
}

function textStep(value: string): Step {
  return { kind: 'literal', value, isFloat: false }
}

function sliceStep(text: string): Step {
  const match = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text === '*' ? ':' : text)
  if (!match) throw new JsonPathError(`invalid array index ${text}`)
  const [, start = '', end, step] = match
  const first = bound(start)
  // A single index is a slice of one item; the last is at the end of the list.
  const single = (first ?? 0) + 1
  const last = single === 0 ? undefined : single
  return {
    kind: 'slice',
    start: first,
    end: end === undefined ? last : bound(end.slice(1)),
    step: bound(step?.slice(1)),
  }
}

function bound(text = ''): Bound {
  if (text === '') return undefined
  if (text === '-') throw new JsonPathError('array index - is not a number')
  return Number(text)
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
])
const escape = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|[\s\S]|$)/g

/** Reads the escapes of Go's texts. */
function unquote(quoted: string): string {
  const other = quoted.startsWith("'") ? '"' : "'"
  return quoted.slice(1, -1).replace(escape, (match) => {
    const letter = match.charAt(1)
    const digits = /[xuU]/.test(letter) ? match.slice(2) : ''
    const isOctal = /^\\[0-7]{3}$/.test(match)
    const point = isOctal ? Number.parseInt(match.slice(1), 8) : Number.parseInt(digits, 16)
    if (point <= 0x10_ff_ff) return String.fromCodePoint(point)
    const plain = letter === other ? undefined : escapes.get(letter)
    if (plain === undefined) throw new JsonPathError(`unquote string ${quoted} error invalid syntax`)
    return plain
  })
}
