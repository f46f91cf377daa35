import type { JsonValue } from '@sluice/ports'
import type { Call } from './call.ts'
import { isObject, mediaType } from './decode.ts'

/** A whole number that a client wrote as a fraction, such as `1.0` or `1e3`: for Go it is no integer. */
export type WholeFloat = { readonly path: readonly (string | number)[]; readonly literal: string }

const candidate = /\d(?:\.0|[eE])/

/**
 * Where a JSON text has whole numbers written as fractions, which JavaScript does not tell from integers.
 *
 * @param text valid JSON
 */
export function wholeFloats(text: string): WholeFloat[] {
  // Nearly no text has any.
  return candidate.test(text) ? scan(text) : []
}

type Container = { key: string | number; readonly isList: boolean }

function scan(text: string): WholeFloat[] {
  const found: WholeFloat[] = []
  const open: Container[] = []
  const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]/g
  let isKey = false
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [part] = match
    const container = open.at(-1)
    switch (part.charAt(0)) {
      case '{':
        open.push({ key: '', isList: false })
        isKey = true
        break
      case '[':
        open.push({ key: 0, isList: true })
        isKey = false
        break
      case '}':
      case ']':
        open.pop()
        isKey = false
        break
      case ',':
        if (container && typeof container.key === 'number') container.key += 1
        isKey = container?.isList === false
        break
      case ':':
        isKey = false
        break
      case '"':
        if (isKey && container) container.key = JSON.parse(part) as string
        break
      default:
        if (isWholeFloat(part)) found.push({ path: open.map((it) => it.key), literal: part })
    }
  }
  return found
}

function isWholeFloat(literal: string): boolean {
  return /[.eE]/.test(literal) && Number.isInteger(Number(literal))
}

const jsonPatchType = 'application/json-patch+json'
const jsonTypes = new Set(['application/json', 'application/merge-patch+json', jsonPatchType])
const none: readonly WholeFloat[] = []

/** Where the object that a request makes has whole numbers written as fractions, by the text of its body. */
export function floatsOfCall({
  body,
  contentType,
}: Pick<Call, 'body' | 'contentType'>): readonly WholeFloat[] {
  const type = mediaType(contentType)
  // YAML, and the patches that are merged by types, go through forms that drop the fraction.
  if (typeof body !== 'string' || !jsonTypes.has(type)) return none
  const floats = wholeFloats(body)
  return type === jsonPatchType && floats.length > 0
    ? placedByPatch(floats, JSON.parse(body) as JsonValue)
    : floats
}

/** Where the values of a JSON patch come to stand. */
function placedByPatch(floats: readonly WholeFloat[], patch: JsonValue): WholeFloat[] {
  if (!Array.isArray(patch)) return []
  return floats.flatMap(({ path: [index, field, ...rest], literal }) => {
    const operation = (patch as readonly JsonValue[])[Number(index)] ?? null
    if (field !== 'value' || !isObject(operation) || typeof operation.path !== 'string') return []
    const target = operation.path.split('/').slice(1)
    return [
      { path: [...target.map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~')), ...rest], literal },
    ]
  })
}

/** The value with what `wrap` makes of the numbers at these places; places that are not there are left out. */
export function replaceNumbers(
  value: unknown,
  floats: readonly WholeFloat[],
  wrap: (number: number) => unknown,
): unknown {
  const root: Places = new Map()
  for (const { path } of floats) {
    let places = root
    for (const name of path) {
      const next: Places = places.get(String(name)) ?? new Map()
      places.set(String(name), next)
      places = next
    }
  }
  return replaceAt(value, root, wrap)
}

/** Places below a place by their names; a leaf has none. */
type Places = Map<string, Places>

function replaceAt(value: unknown, places: Places, wrap: (number: number) => unknown): unknown {
  if (places.size === 0) return typeof value === 'number' ? wrap(value) : value
  if (Array.isArray(value)) {
    const items: unknown[] = [...(value as readonly unknown[])]
    for (const [name, below] of places) {
      const index = Number(name)
      if (index in items) items[index] = replaceAt(items[index], below, wrap)
    }
    return items
  }
  if (!isObject(value)) return value
  const fields = [...places].filter(([name]) => Object.hasOwn(value, name))
  return {
    ...value,
    ...Object.fromEntries(fields.map(([name, below]) => [name, replaceAt(value[name], below, wrap)])),
  }
}
