import type { JsonObject, JsonValue } from '@sluice/ports'

/**
 * The packed form of OpenAPI definitions.
 *
 * A schema is packed as a number (a reference to the definition of that place), a string (a place in `shared`)
 * or an object whose keywords are shortened; `$` is a reference beside other keywords.
 */
type Packed = {
  /** Beginnings of names; a name is written as `INDEX:REST`. */
  readonly prefixes: readonly string[]
  readonly names: readonly string[]
  readonly shared: readonly JsonValue[]
  readonly schemas: readonly JsonValue[]
}

const keywords: Readonly<Record<string, string>> = {
  t: 'type',
  f: 'format',
  p: 'properties',
  i: 'items',
  a: 'additionalProperties',
  r: 'required',
  d: 'default',
  e: 'enum',
  l: 'x-kubernetes-list-type',
  k: 'x-kubernetes-list-map-keys',
  m: 'x-kubernetes-map-type',
  g: 'x-kubernetes-patch-merge-key',
  s: 'x-kubernetes-patch-strategy',
  v: 'x-kubernetes-group-version-kind',
  u: 'x-kubernetes-unions',
}

/** Definitions by name, unpacked one by one. A `$ref` holds the bare name of a definition. */
export type Definitions = {
  readonly names: readonly string[]
  readonly get: (name: string) => JsonObject | undefined
}

export function decodeDefinitions(json: string): Definitions {
  const packed = JSON.parse(json) as Packed
  const names = packed.names.map((name) => {
    const colon = name.indexOf(':')
    return (packed.prefixes[Number(name.slice(0, colon))] ?? '') + name.slice(colon + 1)
  })
  const places = new Map(names.map((name, place) => [name, place]))
  return {
    names,
    get: (name) => {
      const place = places.get(name)
      const schema = place === undefined ? undefined : packed.schemas[place]
      return schema === undefined ? undefined : unpack(schema, packed.shared, names)
    },
  }
}

function unpack(schema: JsonValue, shared: readonly JsonValue[], names: readonly string[]): JsonObject {
  if (typeof schema === 'number') return { $ref: names[schema] }
  if (typeof schema === 'string') return unpack(shared[Number(schema)] ?? {}, shared, names)
  const out: { [key: string]: JsonValue | undefined } = {}
  for (const [key, value] of Object.entries(schema as JsonObject)) {
    if (value === undefined) continue
    if (key === '$') out.$ref = names[Number(value)]
    else if (key === 'p') {
      out.properties = Object.fromEntries(
        Object.entries(value as JsonObject).map(([name, child]) => [
          name,
          unpack(child ?? {}, shared, names),
        ]),
      )
    } else if (key === 'i' || (key === 'a' && typeof value !== 'boolean')) {
      out[keywords[key] ?? key] = unpack(value, shared, names)
    } else out[keywords[key] ?? key] = value
  }
  return out
}
