import { formatFloat } from '@sluice/go'
import { compareUtf8 } from '@sluice/ports'
import { jsonString } from '../json/json-string.ts'
import {
  type JsonView,
  jsonView,
  maxPrintDepth,
  NumberLiteral,
  type Printable,
  viewGet,
  viewKeys,
} from '../json/json-view.ts'
import { jsonNumber } from '../json/marshal.ts'
import { resolveType, scalarValue } from '../read/resolve.ts'
import { YamlError } from '../yaml-error.ts'
import { sortKeys } from './key-order.ts'
import { isMultiline, styleOf } from './scalar-style.ts'
import { type Place, scalarText } from './scalar-text.ts'

/** A key that is longer stands behind a `?`. In bytes. */
const longestKey = 128
/** JSON keys that are longer are not found again by the YAML reader that Go sends them through. */
const longestJsonKey = 1_024
const unprintable = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/
const unusual = /[\x7f-\x9f\ud800-\udfff\ufffe\uffff]/

/** How values are printed. */
export type PrintYamlOptions = {
  /** `natural`, the default, is go-yaml's own order, in which `a2` comes before `a10`. */
  readonly keyOrder?: 'natural' | 'bytes'
}

/**
 * Prints a value as `sigs.k8s.io/yaml` does: keys sorted, lists not indented, lines folded at 80, numbers as Go
 * has them after a detour over JSON.
 *
 * Source: sigs.k8s.io/yaml 1.6, Marshal.
 * @throws {YamlError} `YAML_UNPRINTABLE` for control characters
 * @throws {JsonError} for what JSON has not: functions, infinite numbers
 */
export function printYaml(value: Printable, { keyOrder = 'natural' }: PrintYamlOptions = {}): string {
  const printer = new Printer(keyOrder === 'natural' ? sortKeys : (keys) => keys.toSorted(compareUtf8))
  printer.root(jsonView(value))
  return printer.finish()
}

class Printer {
  readonly #sort: (keys: string[]) => string[]
  #out = ''
  /** Whether the last thing printed was a line break. */
  #atLineStart = true
  #depth = 0

  constructor(sort: (keys: string[]) => string[]) {
    this.#sort = sort
  }

  root(view: JsonView): void {
    if (isCollection(view)) this.#collection(view, 0, false)
    else this.#scalar(view, { column: 0, indent: 2, isKey: false })
  }

  finish(): string {
    return this.#atLineStart ? this.#out : `${this.#out}\n`
  }

  /** Prints a collection whose first entry may stand on the current line. */
  #collection(view: Collection, indent: number, inline: boolean): void {
    this.#depth += 1
    if (this.#depth > maxPrintDepth) {
      throw new YamlError('YAML_LIMIT', `yaml: exceeded max depth of ${maxPrintDepth}`)
    }
    if (Array.isArray(view)) this.#sequence(view as readonly Printable[], indent, inline)
    else this.#mapping(view as Mapping, indent, inline)
    this.#depth -= 1
  }

  #sequence(items: readonly Printable[], indent: number, inline: boolean): void {
    if (items.length === 0) return this.#write('[]')
    let first = inline
    for (const item of items) {
      if (!first) this.#newLine(indent)
      first = false
      const view = jsonView(item)
      this.#write('- ')
      if (isCollection(view)) this.#collection(view, indent + 2, true)
      else this.#scalar(view, { column: indent + 2, indent: indent + 2, isKey: false })
    }
  }

  #mapping(mapping: Mapping, indent: number, inline: boolean): void {
    const keys = this.#sort(viewKeys(mapping))
    if (keys.length === 0) return this.#write('{}')
    let first = inline
    for (const key of keys) {
      if (!first) this.#newLine(indent)
      first = false
      const text = printableKey(key)
      const view = jsonView(viewGet(mapping, key))
      if (isSimpleKey(text)) this.#simpleEntry(text, view, indent)
      else this.#complexEntry(text, view, indent)
    }
  }

  #simpleEntry(key: string, view: JsonView, indent: number): void {
    const written = scalarText(key, styleOf(key, true), { column: indent, indent: indent + 2, isKey: true })
    this.#write(`${written}:`)
    if (!isCollection(view)) {
      this.#write(' ')
      this.#scalar(view, { column: indent + written.length + 2, indent: indent + 2, isKey: false })
    } else if (isEmpty(view)) {
      this.#write(Array.isArray(view) ? ' []' : ' {}')
    } else {
      this.#collection(view, Array.isArray(view) ? indent : indent + 2, false)
    }
  }

  #complexEntry(key: string, view: JsonView, indent: number): void {
    const place = { column: indent + 2, indent: indent + 2, isKey: false }
    this.#write('? ')
    this.#string(key, place)
    this.#newLine(indent)
    this.#write(': ')
    if (isCollection(view)) this.#collection(view, indent + 2, true)
    else this.#scalar(view, place)
  }

  #scalar(view: Exclude<JsonView, Collection>, place: Place): void {
    if (typeof view === 'string') this.#string(printableText(view), place)
    else if (typeof view === 'number') this.#number(jsonNumber(view), place)
    else if (view instanceof NumberLiteral) this.#number(view.text, place)
    else this.#write(String(view))
  }

  /** A JSON number is read as YAML once more, which decides between integer and float. */
  #number(literal: string, place: Place): void {
    const type = resolveType(literal)
    if (type === 'str') return this.#string(literal, place)
    const value = scalarValue(literal, type)
    this.#write(type === 'float' ? formatFloat(Number(value), 'g', -1) : String(value))
  }

  #string(text: string, place: Place): void {
    const style = styleOf(text, false)
    this.#write(scalarText(text, style, place))
    if (style === 'literal') this.#atLineStart = text.endsWith('\n') || isMultiline(text.slice(-1))
  }

  #write(text: string): void {
    this.#out += text
    this.#atLineStart = false
  }

  #newLine(indent: number): void {
    if (!this.#atLineStart) this.#out += '\n'
    this.#out += spaces(indent)
    this.#atLineStart = false
  }
}

type Mapping = ReadonlyMap<string, Printable> | { readonly [key: string]: Printable }
type Collection = readonly Printable[] | Mapping

function isCollection(view: JsonView): view is Collection {
  return typeof view === 'object' && view !== null && !(view instanceof NumberLiteral)
}

function isEmpty(view: Collection): boolean {
  return Array.isArray(view) ? view.length === 0 : viewKeys(view).length === 0
}

const padding = ' '.repeat(64)

function spaces(count: number): string {
  return count <= padding.length ? padding.slice(0, count) : ' '.repeat(count)
}

function isSimpleKey(key: string): boolean {
  // No text has more than three bytes for one unit.
  if (key.length * 3 <= longestKey) return !isMultiline(key)
  return new TextEncoder().encode(key).length <= longestKey && !isMultiline(key)
}

function printableKey(key: string): string {
  const isTooLong = key.length > longestJsonKey / 6 && jsonString(key, true).length > longestJsonKey
  // NEL, a line break in YAML, is the only one that JSON does not escape.
  const breaks = key.includes('\x85') ? key.split('\x85').length - 1 : 0
  if (isTooLong || breaks > 0) {
    const line = breaks > 0 ? `line ${breaks}: ` : ''
    throw new YamlError('YAML_UNPRINTABLE', `yaml: ${line}did not find expected ',' or '}'`)
  }
  return printableText(key)
}

/** What is left of a text that Go writes as JSON and reads as YAML. */
function printableText(text: string): string {
  if (!unusual.test(text)) return text
  if (unprintable.test(text)) {
    throw new YamlError('YAML_UNPRINTABLE', 'yaml: control characters are not allowed')
  }
  return foldNextLines(text).replaceAll(loneSurrogate, '\ufffd')
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** U+0085 is a line break to YAML 1.1, even in quotes, and folds with the spaces around it. */
function foldNextLines(text: string): string {
  return text.replaceAll(/ *\x85[ \x85]*/g, (run) => {
    const count = run.split('\x85').length - 1
    return count === 1 ? ' ' : '\n'.repeat(count - 1)
  })
}
