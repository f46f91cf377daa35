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
  return write(value, { escapeHtml, indent }, indent === '' ? undefined : '\n')
}

/** `line` is the line break with the indentation of the value's level; absent when all is on one line. */
function write(
  value: Printable,
  options: Required<JsonOptions>,
  line: string | undefined,
  depth = 0,
): string {
  if (typeof value === 'string') return jsonString(value, options.escapeHtml)
  const view = jsonView(value)
  if (view === null) return 'null'
  if (typeof view === 'string') return jsonString(view, options.escapeHtml)
  if (typeof view === 'number') return jsonNumber(view)
  if (typeof view !== 'object') return String(view)
  if (view instanceof NumberLiteral) return view.text
  if (depth >= maxPrintDepth) throw new JsonError('JSON_LIMIT', 'json: exceeded max depth')
  const inner = line === undefined ? undefined : line + options.indent
  if (Array.isArray(view)) {
    const items = (view as readonly Printable[]).map((item) => write(item, options, inner, depth + 1))
    return enclose('[]', items, { line, inner })
  }
  const colon = line === undefined ? ':' : ': '
  const keys = viewKeys(view)
  const members = (view instanceof StructFields ? keys : keys.toSorted(compareUtf8)).map(
    (key) =>
      jsonString(key, options.escapeHtml) + colon + write(viewGet(view, key), options, inner, depth + 1),
  )
  return enclose('{}', members, { line, inner })
}

function enclose(
  brackets: '[]' | '{}',
  items: readonly string[],
  { line, inner }: { readonly line: string | undefined; readonly inner: string | undefined },
): string {
  if (items.length === 0) return brackets
  const separator = inner === undefined ? ',' : `,${inner}`
  return `${brackets[0]}${inner ?? ''}${items.join(separator)}${line ?? ''}${brackets[1]}`
}

/** A float64 as Go's encoder writes it; JavaScript's own form is the same but for negative zero. */
export function jsonNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  throw new JsonError('JSON_UNSUPPORTED', `json: unsupported value: ${name}`)
}
