import { type GoValue, goStringBytes, quote } from '@sluice/go'
import { goShape, plainShape, type Shape, type YamlValue } from '../read/shape.ts'
import { JsonError } from './json-error.ts'

const maxDepth = 1_000
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const spaceMayStand = /^(looking for|after (top-level|object|array)|in string literal)/
const escapes = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/**
 * Reads JSON into plain values; integers beyond 2^53 are bigints as far as 64 bits go. Of a repeated key the last counts.
 *
 * Source: https://pkg.go.dev/encoding/json#Unmarshal, with its messages
 * @throws {JsonError}
 */
export function parseJson(text: string): YamlValue {
  return new JsonReader(text, plainShape).read()
}

/** As {@link parseJson}, into values for templates. @throws {JsonError} */
export function parseJsonGo(text: string, numbers: 'float64' | 'json.Number' = 'float64'): GoValue {
  return new JsonReader(text, goShape(numbers)).read()
}

class JsonReader<T, M extends T> {
  readonly #text: string
  readonly #shape: Shape<T, M>
  #at = 0
  #depth = 0
  /** Whether the text has surrogates or escapes of them, which may stand alone. */
  readonly #mayBeMalformed: boolean
  /** First number beyond float64, which counts only in a text that is JSON as a whole. */
  #tooLarge: string | undefined

  constructor(text: string, shape: Shape<T, M>) {
    this.#text = text
    this.#shape = shape
    this.#mayBeMalformed = /[\ud800-\udfff]|\\u[dD]/.test(text)
  }

  read(): T {
    const value = this.#value()
    this.#skipBlanks()
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value')
    if (this.#tooLarge !== undefined) {
      const text = `json: cannot unmarshal number ${this.#tooLarge} into Go value of type float64`
      throw new JsonError('JSON_UNSUPPORTED', text)
    }
    return value
  }

  #value(): T {
    this.#skipBlanks()
    switch (this.#text.charCodeAt(this.#at)) {
      case 123:
        return this.#object()
      case 91:
        return this.#array()
      case 34:
        return this.#string() as T
      case 116:
        return this.#literal('true', true)
      case 102:
        return this.#literal('false', false)
      case 110:
        return this.#literal('null', null)
      default:
        return this.#number()
    }
  }

  #enter(): void {
    this.#depth += 1
    if (this.#depth > maxDepth) throw new JsonError('JSON_LIMIT', 'exceeded max depth')
    this.#at += 1
  }

  #object(): T {
    this.#enter()
    const mapping = this.#shape.mapping()
    this.#members(mapping)
    this.#depth -= 1
    return mapping
  }

  #members(mapping: M): void {
    this.#skipBlanks()
    if (this.#take(125)) return
    for (;;) {
      this.#skipBlanks()
      if (this.#text.charCodeAt(this.#at) !== 34) {
        throw this.#unexpected('looking for beginning of object key string')
      }
      const key = this.#string()
      this.#skipBlanks()
      if (!this.#take(58)) throw this.#unexpected('after object key')
      this.#shape.set(mapping, key, this.#value())
      this.#skipBlanks()
      if (this.#take(125)) return
      if (!this.#take(44)) throw this.#unexpected('after object key:value pair')
    }
  }

  #array(): T {
    this.#enter()
    const items: T[] = []
    this.#items(items)
    this.#depth -= 1
    return items as T
  }

  #items(items: T[]): void {
    this.#skipBlanks()
    if (this.#take(93)) return
    for (;;) {
      items.push(this.#value())
      this.#skipBlanks()
      if (this.#take(93)) return
      if (!this.#take(44)) throw this.#unexpected('after array element')
    }
  }

  #string(): string {
    this.#at += 1
    let result = ''
    for (;;) {
      const from = this.#at
      const to = this.#endOfPlain(from)
      result = result === '' ? this.#text.slice(from, to) : result + this.#text.slice(from, to)
      this.#at = to
      if (this.#take(34)) return this.#mayBeMalformed ? result.replaceAll(loneSurrogate, '\ufffd') : result
      if (!this.#take(92)) throw this.#unexpected('in string literal')
      result += this.#escape()
    }
  }

  /** Offset of the first unit that does not stand for itself: a quote, a backslash, a control character, the end. */
  #endOfPlain(from: number): number {
    const text = this.#text
    let at = from
    for (; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      if (unit === 34 || unit === 92 || unit < 32) break
    }
    return at
  }

  #escape(): string {
    const simple = escapes.get(this.#text[this.#at] ?? '')
    if (simple !== undefined) {
      this.#at += 1
      return simple
    }
    if (!this.#take(117)) throw this.#unexpected('in string escape code')
    const from = this.#at
    while (this.#at < from + 4) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) {
        throw this.#unexpected('in \\u hexadecimal character escape')
      }
      this.#at += 1
    }
    return String.fromCharCode(Number.parseInt(this.#text.slice(from, this.#at), 16))
  }

  #literal(word: string, value: boolean | null): T {
    for (let i = 1; i < word.length; i += 1) {
      this.#at += 1
      if (this.#text[this.#at] !== word[i]) {
        throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`)
      }
    }
    this.#at += 1
    return value as T
  }

  #number(): T {
    number.lastIndex = this.#at
    const literal = number.exec(this.#text)?.[0]
    const next = this.#text[this.#at + (literal?.length ?? 0)]
    // What could go on with a number is told apart from what could not.
    if (literal === undefined || goesOn(literal, next)) throw this.#badNumber()
    this.#at += literal.length
    const value = this.#shape.number(numberOf(literal), literal)
    if (typeof value === 'number' && !Number.isFinite(value)) this.#tooLarge ??= literal
    return value
  }

  #badNumber(): JsonError {
    if (!/[-0-9]/.test(this.#text[this.#at] ?? '')) return this.#unexpected('looking for beginning of value')
    if (this.#take(45) && !/[0-9]/.test(this.#text[this.#at] ?? '')) {
      return this.#unexpected('in numeric literal')
    }
    this.#skipDigits()
    if (this.#take(46)) {
      const from = this.#at
      this.#skipDigits()
      if (this.#at === from) return this.#unexpected('after decimal point in numeric literal')
    }
    this.#at += 1
    if (/[-+]/.test(this.#text[this.#at] ?? '')) this.#at += 1
    return this.#unexpected('in exponent of numeric literal')
  }

  #skipDigits(): void {
    while (/[0-9]/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #take(unit: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== unit) return false
    this.#at += 1
    return true
  }

  #skipBlanks(): void {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 32 && unit !== 10 && unit !== 13 && unit !== 9) return
      this.#at += 1
    }
  }

  #unexpected(where: string): JsonError {
    if (this.#at >= this.#text.length) {
      // Go ends its input with a space, which is an error only where no space may stand.
      const text = spaceMayStand.test(where)
        ? 'unexpected end of JSON input'
        : `invalid character ' ' ${where}`
      return new JsonError('JSON_SYNTAX', text, { offset: this.#at })
    }
    const shown = quotedByte(this.#text.slice(this.#at, this.#at + 2))
    return new JsonError('JSON_SYNTAX', `invalid character ${shown} ${where}`, { offset: this.#at })
  }
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Go looks at bytes: of a character beyond ASCII it shows the first one as if it were a character. */
function quotedByte(text: string): string {
  const byte = goStringBytes(text)[0] ?? 0
  if (byte === 39) return `'\\''`
  if (byte === 34) return `'"'`
  return `'${quote(String.fromCharCode(byte)).slice(1, -1)}'`
}

function goesOn(literal: string, next: string | undefined): boolean {
  if (next === '.') return !/[.eE]/.test(literal)
  return (next === 'e' || next === 'E') && !/[eE]/.test(literal)
}

function numberOf(literal: string): number | bigint {
  const value = Number(literal)
  if (Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(literal)) return value
  if (literal.length > 20) return value
  const exact = BigInt(literal)
  return exact >= -(2n ** 63n) && exact < 2n ** 64n ? exact : value
}
