type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schema = { [key: string]: Json }
export type OpenApiDefinitions = { [name: string]: Schema }

/** What `engines/schema/src/builtin/decode.ts` reads. */
export type Encoded = {
  /** Beginnings of definition names; a name is written as `INDEX:REST`. */
  readonly prefixes: readonly string[]
  readonly names: readonly string[]
  /** Schemas that occur often, referred to by their place as a string. */
  readonly shared: readonly Json[]
  /** One a name, in the order of `names`. */
  readonly schemas: readonly Json[]
}

const refPrefix = '#/components/schemas/'
const shortKeys: Readonly<Record<string, string>> = {
  type: 't',
  format: 'f',
  properties: 'p',
  items: 'i',
  additionalProperties: 'a',
  required: 'r',
  default: 'd',
  enum: 'e',
  'x-kubernetes-list-type': 'l',
  'x-kubernetes-list-map-keys': 'k',
  'x-kubernetes-map-type': 'm',
  'x-kubernetes-patch-merge-key': 'g',
  'x-kubernetes-patch-strategy': 's',
  'x-kubernetes-group-version-kind': 'v',
  'x-kubernetes-unions': 'u',
}
const minimumUses = 3

/** Packs definitions: short keys, names by number, frequent schemas once. */
export function encodeDefinitions(definitions: OpenApiDefinitions): Encoded {
  const names = Object.keys(definitions).toSorted()
  const numbers = new Map(names.map((name, index) => [name, index]))
  const uses = new Map<string, number>()
  const packed = names.map((name) =>
    pack(definitions[name] ?? {}, numbers, (leaf) => {
      const text = JSON.stringify(leaf)
      uses.set(text, (uses.get(text) ?? 0) + 1)
      return leaf
    }),
  )
  const frequent = [...uses]
    .filter(([text, count]) => count >= minimumUses && text.length > 4)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const places = new Map(frequent.map(([text], index) => [text, String(index)]))
  const shared = frequent.map(([text]) => JSON.parse(text) as Json)
  const schemas = packed.map((schema) => share(schema, places))
  const { prefixes, short } = shorten(names)
  return { prefixes, names: short, shared, schemas }
}

/** A schema without children is handed to `leaf`. References become numbers. */
function pack(schema: Schema, numbers: ReadonlyMap<string, number>, leaf: (schema: Json) => Json): Json {
  const { $ref, allOf, ...rest } = schema
  const reference = referredName($ref) ?? onlyReference(allOf)
  const out: Schema = {}
  let isLeaf = true
  for (const [key, value] of Object.entries(rest)) {
    const name = shortKeys[key] ?? key
    if (key === 'properties') {
      isLeaf = false
      out[name] = Object.fromEntries(
        Object.entries(value as Schema).map(([field, child]) => [
          field,
          pack(child as Schema, numbers, leaf),
        ]),
      )
    } else if ((key === 'items' || key === 'additionalProperties') && typeof value === 'object') {
      out[name] = pack(value as Schema, numbers, (it) => it)
    } else {
      out[name] = value
    }
  }
  if (reference !== undefined) {
    const number = numbers.get(reference)
    if (number === undefined) throw new Error(`no definition ${reference}`)
    if (Object.keys(out).length === 0) return number
    out.$ = number
  } else if (allOf !== undefined) {
    out.allOf = allOf
  }
  return isLeaf ? leaf(out) : out
}

/** OpenAPI v3 wraps a reference into `allOf` where keywords stand beside it. */
function onlyReference(allOf: Json | undefined): string | undefined {
  return Array.isArray(allOf) && allOf.length === 1 ? referredName((allOf[0] as Schema).$ref) : undefined
}

function referredName($ref: Json | undefined): string | undefined {
  return typeof $ref === 'string' && $ref.startsWith(refPrefix) ? $ref.slice(refPrefix.length) : undefined
}

function share(schema: Json, places: ReadonlyMap<string, string>): Json {
  const place = places.get(JSON.stringify(schema))
  if (place !== undefined) return place
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema
  if (schema.p === undefined) return schema
  const properties = Object.fromEntries(
    Object.entries(schema.p as Schema).map(([field, child]) => [field, share(child, places)]),
  )
  return { ...schema, p: properties }
}

function shorten(names: readonly string[]): { prefixes: string[]; short: string[] } {
  const prefixes = [...new Set(names.map((name) => name.slice(0, name.lastIndexOf('.') + 1)))]
  const short = names.map((name) => {
    const cut = name.lastIndexOf('.') + 1
    return `${prefixes.indexOf(name.slice(0, cut))}:${name.slice(cut)}`
  })
  return { prefixes, short }
}
