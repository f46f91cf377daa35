import type { Budget } from '../budget.ts'
import { GoBoundsError } from '../budget.ts'
import type { FloatFormat } from '../strconv/format-float.ts'
import { goElementType, goKind, goTypeName } from '../type-name.ts'
import { GoComplex, GoFunction, GoInt, GoMap, GoNamed, GoObject, GoSlice, type GoValue } from '../value.ts'
import { type Flags, noFlags, pad } from './flags.ts'
import { formatFloatVerb, formatInteger, formatQuotedRune, formatRune, formatUnicode } from './number.ts'
import { sortedEntries } from './sort-keys.ts'
import { formatHex, formatQuoted, formatText, textOf } from './text.ts'

/** How deep values may be nested. Go itself runs out of stack on a value that contains itself. */
const maxDepth = 1_000
/** What an address looks like: Go's differ from run to run, so ours is the same for all. */
const address = 0xc000010000n

/** Prints values verb by verb into `out`. One printer serves one call of a fmt function. */
export class Printer {
  readonly flags: Flags = noFlags()
  out = ''
  readonly #budget: Budget | undefined
  #erroring = false

  constructor(budget?: Budget) {
    this.#budget = budget
  }

  write(text: string): void {
    this.#budget?.spend(text.length)
    this.out += text
  }

  /** Forgets the flags of the verb before. */
  clearFlags(): void {
    Object.assign(this.flags, noFlags())
  }

  /** Prints an operand, as fmt's `printArg`. */
  print(value: GoValue, verb: string): void {
    if (value === null || value === undefined) {
      if (verb === 'T' || verb === 'v') this.write(pad('<nil>', this.flags))
      else this.badVerb(value, verb)
    } else if (verb === 'T') {
      this.write(formatText(goTypeName(value), this.flags))
    } else if (verb === 'p') {
      this.#pointer(value, verb)
    } else {
      this.#value(value, verb, 0)
    }
  }

  /** `%!verb(type=value)` */
  badVerb(value: GoValue, verb: string): void {
    this.#erroring = true
    this.write(`%!${verb}(`)
    if (value === null || value === undefined) {
      this.write('<nil>')
    } else {
      this.write(`${goTypeName(value)}=`)
      this.print(value, 'v')
    }
    this.write(')')
    this.#erroring = false
  }

  #value(value: GoValue, verb: string, depth: number): void {
    if (depth > maxDepth) throw new GoBoundsError(`a value to print is nested deeper than ${maxDepth} levels`)
    if (typeof value === 'string') {
      this.#text(value, value, verb)
    } else if (typeof value === 'number') {
      this.#float(value, value, verb)
    } else if (typeof value === 'boolean') {
      if (verb === 't' || verb === 'v') this.write(pad(String(value), this.flags))
      else this.badVerb(value, verb)
    } else {
      this.#object(value, verb, depth)
    }
  }

  #object(value: Exclude<GoValue, string | number | boolean>, verb: string, depth: number): void {
    if (value === null || value === undefined) {
      this.write(this.flags.sharpV ? 'interface {}(nil)' : '<nil>')
    } else if (!this.#methods(value, verb)) {
      if (value instanceof GoInt) this.#integer(value, verb)
      else if (value instanceof GoNamed) this.#text(value.value, value, verb)
      else if (value instanceof GoComplex) this.#complex(value, verb)
      else if (value instanceof Map || value instanceof GoMap) this.#map(value, verb, depth)
      else if (value instanceof GoObject) this.#struct(value, verb, depth)
      else if (value instanceof GoFunction) this.#pointer(value, verb)
      else this.#list(value, verb, depth)
    }
  }

  /** Whether the value printed itself by its Error or String method. */
  #methods(value: GoValue, verb: string): boolean {
    if (this.#erroring || this.flags.sharpV || !'vsxXq'.includes(verb)) return false
    const methods = (value as { readonly methods?: ReadonlyMap<string, GoFunction> }).methods
    const method = methods?.get('Error') ?? methods?.get('String')
    if (!method || method.parameters.length > 0) return false
    const text = method.call([], this.#budget ?? { spend: () => {} })
    if (typeof text !== 'string') return false
    this.#text(text, value, verb)
    return true
  }

  #text(text: string, value: GoValue, verb: string): void {
    switch (verb) {
      case 'v':
        this.write(this.flags.sharpV ? formatQuoted(text, this.flags) : formatText(text, this.flags))
        return
      case 's':
        this.write(formatText(text, this.flags))
        return
      case 'x':
      case 'X':
        this.write(formatHex(text, verb, this.flags))
        return
      case 'q':
        this.write(formatQuoted(text, this.flags))
        return
      default:
        this.badVerb(value, verb)
    }
  }

  #integer(value: GoInt, verb: string): void {
    const text = this.#integerText(value, verb)
    if (text === undefined) this.badVerb(value, verb)
    else this.write(text)
  }

  #integerText({ value, kind }: GoInt, verb: string): string | undefined {
    switch (verb) {
      case 'v':
        return this.flags.sharpV && kind.startsWith('u')
          ? this.#hexNumber(value, true)
          : formatInteger(value, 10, verb, this.flags)
      case 'd':
        return formatInteger(value, 10, verb, this.flags)
      case 'b':
        return formatInteger(value, 2, verb, this.flags)
      case 'o':
      case 'O':
        return formatInteger(value, 8, verb, this.flags)
      case 'x':
      case 'X':
        return formatInteger(value, 16, verb, this.flags)
      case 'c':
        return formatRune(value, this.flags)
      case 'q':
        return formatQuotedRune(value, this.flags)
      case 'U':
        return formatUnicode(value, this.flags)
      default:
        return undefined
    }
  }

  #hexNumber(value: bigint, withPrefix: boolean): string {
    return formatInteger(value, 16, 'v', { ...this.flags, sharp: withPrefix })
  }

  #float(number: number, value: GoValue, verb: string): void {
    switch (verb) {
      case 'v':
        this.write(formatFloatVerb(number, 'g', -1, this.flags))
        return
      case 'b':
      case 'g':
      case 'G':
      case 'x':
      case 'X':
        this.write(formatFloatVerb(number, verb satisfies FloatFormat, -1, this.flags))
        return
      case 'f':
      case 'F':
      case 'e':
      case 'E':
        this.write(formatFloatVerb(number, verb satisfies FloatFormat, 6, this.flags))
        return
      default:
        this.badVerb(value, verb)
    }
  }

  #complex(value: GoComplex, verb: string): void {
    if (!'vbgGxXfFeE'.includes(verb)) {
      this.badVerb(value, verb)
      return
    }
    const { plus } = this.flags
    this.write('(')
    this.#float(value.real, value, verb)
    this.flags.plus = true
    this.#float(value.imaginary, value, verb)
    this.write('i)')
    this.flags.plus = plus
  }

  #map(map: Map<string, GoValue> | GoMap, verb: string, depth: number): void {
    const { sharpV } = this.flags
    const element = map instanceof GoMap ? goElementType(map.underlying) : 'interface {}'
    if (sharpV) {
      this.write(goTypeName(map))
      if (map instanceof GoMap && map.isNil) {
        this.write('(nil)')
        return
      }
    }
    this.write(sharpV ? '{' : 'map[')
    let first = true
    for (const [key, value] of sortedEntries(map)) {
      if (!first) this.write(sharpV ? ', ' : ' ')
      first = false
      this.#value(key, verb, depth + 1)
      this.write(':')
      this.#element(value, element, verb, depth)
    }
    this.write(sharpV ? '}' : ']')
  }

  /** A nil element prints its own static type in Go syntax. */
  #element(value: GoValue, type: string, verb: string, depth: number): void {
    if (value === null && this.flags.sharpV) this.write(`${type}(nil)`)
    else this.#value(value, verb, depth + 1)
  }

  #struct(value: GoObject, verb: string, depth: number): void {
    const isPointer = value.type.startsWith('*')
    if (isPointer && depth > 0) {
      this.#pointer(value, verb)
      return
    }
    const { sharpV, plusV } = this.flags
    if (isPointer) this.write('&')
    if (sharpV) this.write(isPointer ? value.type.slice(1) : value.type)
    this.write('{')
    let first = true
    for (const [name, field] of value.fields) {
      if (!first) this.write(sharpV ? ', ' : ' ')
      first = false
      if (plusV || sharpV) this.write(`${name}:`)
      this.#value(field, verb, depth + 1)
    }
    this.write('}')
  }

  #list(list: Uint8Array | readonly GoValue[] | GoSlice, verb: string, depth: number): void {
    const { sharpV } = this.flags
    if (list instanceof Uint8Array && this.#bytes(list, verb, depth)) return
    const items = listItems(list)
    if (sharpV) {
      this.write(goTypeName(list))
      if (list instanceof GoSlice && list.isNil) {
        this.write('(nil)')
        return
      }
    }
    const element = list instanceof GoSlice ? goElementType(list.underlying) : 'interface {}'
    this.write(sharpV ? '{' : '[')
    for (let at = 0; at < items.length; at += 1) {
      if (at > 0) this.write(sharpV ? ', ' : ' ')
      this.#element(items[at], element, verb, depth)
    }
    this.write(sharpV ? '}' : ']')
  }

  #bytes(bytes: Uint8Array, verb: string, depth: number): boolean {
    switch (verb) {
      case 'v':
      case 'd':
        this.write(this.#byteList(bytes, depth))
        return true
      case 's':
        this.write(formatText(textOf(bytes), this.flags))
        return true
      case 'x':
      case 'X':
        this.write(formatHex(bytes, verb, this.flags))
        return true
      case 'q':
        this.write(formatQuoted(textOf(bytes), this.flags))
        return true
      default:
        return false
    }
  }

  #byteList(bytes: Uint8Array, depth: number): string {
    if (this.flags.sharpV) {
      const shown = Array.from(bytes, (byte) => this.#hexNumber(BigInt(byte), true))
      return `${depth === 0 ? '[]byte' : '[]uint8'}{${shown.join(', ')}}`
    }
    return `[${Array.from(bytes, (byte) => formatInteger(BigInt(byte), 10, 'd', this.flags)).join(' ')}]`
  }

  #pointer(value: GoValue, verb: string): void {
    if (!['map', 'ptr', 'slice', 'func'].includes(goKind(value))) {
      this.badVerb(value, verb)
    } else if (verb === 'v' && this.flags.sharpV) {
      this.write(`(${goTypeName(value)})(${this.#hexNumber(address, true)})`)
    } else if (verb === 'v' || verb === 'p') {
      this.write(this.#hexNumber(address, !this.flags.sharp))
    } else if ('bodxX'.includes(verb)) {
      this.#integer(new GoInt('uint64', address), verb)
    } else {
      this.badVerb(value, verb)
    }
  }
}

function listItems(list: Uint8Array | readonly GoValue[] | GoSlice): readonly GoValue[] {
  if (list instanceof GoSlice) return list.items
  return list instanceof Uint8Array ? Array.from(list, (byte) => new GoInt('uint8', BigInt(byte))) : list
}
