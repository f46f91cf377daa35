import { compareUtf8 } from '@sluice/ports'
import { JsonError } from './json-error.ts'
import { jsonString } from './json-string.ts'
import {
  jsonView,
  maxPrintDepth,
  NumberLiteral,
  type Printable,
  StructFields,
  viewGet,
  viewKeys,
} from './json-view.ts'

/** How JSON is written. */
export type JsonOptions = {
  /** Whether `<`, `>` and `&` become `\u003c` and so on, as Go does by default. */
  readonly escapeHtml?: boolean
  /** Indentation of one level; none writes everything on one line. */
  readonly indent?: string
}

/**
 * A value as Go's `json.Marshal` (or `json.MarshalIndent`) writes it: keys sorted by their bytes, HTML characters
 * escaped. Bigints are written in full, `undefined` in a mapping is left out.
 *
 * Source: https://pkg.go.dev/encoding/json#Marshal
 * @throws {JsonError} for numbers, types and depths that JSON has not
 */
export function jsonMarshal(value: Printable, { escapeHtml = true, indent = '' }: JsonOptions = {}): string {
  const writer = new Writer({ escapeHtml, indent })
  writer.write(value, indent === '' ? '' : '\n', 0)
  return writer.text
}

/** Appends to one text: joining the texts of parts would cost more than writing them. */
class Writer {
  text = ''
  readonly #escapeHtml: boolean
  readonly #indent: string

  constructor({ escapeHtml, indent }: Required<JsonOptions>) {
    this.#escapeHtml = escapeHtml
    this.#indent = indent
  }

  /** `line` is the line break with the indentation of the value's level; empty when all is on one line. */
  write(value: Printable, line: string, depth: number): void {
    const view = typeof value === 'string' ? value : jsonView(value)
    if (typeof view === 'string') this.text += jsonString(view, this.#escapeHtml)
    else if (view === null) this.text += 'null'
    else if (typeof view === 'number') this.text += jsonNumber(view)
    else if (typeof view !== 'object') this.text += String(view)
    else if (view instanceof NumberLiteral) this.text += view.text
    else if (depth >= maxPrintDepth) throw new JsonError('JSON_LIMIT', 'json: exceeded max depth')
    else if (Array.isArray(view)) this.#list(view as readonly Printable[], line, depth)
    else this.#mapping(view, line, depth)
  }

  #list(items: readonly Printable[], line: string, depth: number): void {
    if (items.length === 0) {
      this.text += '[]'
      return
    }
    const inner = line === '' ? '' : line + this.#indent
    let separator = '['
    for (const item of items) {
      this.text += separator + inner
      this.write(item, inner, depth + 1)
      separator = ','
    }
    this.text += `${line}]`
  }

  #mapping(mapping: ReadonlyMap<string, Printable> | object, line: string, depth: number): void {
    const keys = viewKeys(mapping)
    if (keys.length === 0) {
      this.text += '{}'
      return
    }
    const inner = line === '' ? '' : line + this.#indent
    const colon = line === '' ? ':' : ': '
    let separator = '{'
    for (const key of mapping instanceof StructFields ? keys : sortedKeys(keys)) {
      this.text += separator + inner + jsonString(key, this.#escapeHtml) + colon
      this.write(viewGet(mapping, key), inner, depth + 1)
      separator = ','
    }
    this.text += `${line}}`
  }
}

/** Without characters beyond U+FFFF the order of UTF-16 is that of UTF-8, and the host sorts faster. */
function sortedKeys(keys: string[]): string[] {
  if (keys.length < 2) return keys
  return keys.some(hasSurrogates) ? keys.toSorted(compareUtf8) : keys.toSorted()
}

function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text)
}

/** A float64 as Go's encoder writes it; JavaScript's own form is the same but for negative zero. */
export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  throw new JsonError('JSON_UNSUPPORTED', `json: unsupported value: ${name}`)
}
