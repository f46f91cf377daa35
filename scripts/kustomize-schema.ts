/** An OpenAPI v2 schema, as far as merging looks at it. */
export type Definition = {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, Definition>>
  readonly items?: Definition
  readonly additionalProperties?: Definition
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}

/** A schema in short: definition by number, properties, items, additional properties, strategy, merge keys. */
type Short = {
  r?: number
  p?: Record<string, Short>
  i?: Short
  a?: Short
  s?: string
  k?: readonly string[]
}

/**
 * Keeps of `definitions` only the ways to lists that are merged: all else is replaced, schema or not.
 * The result has the kept definitions and their names by number and, by `apiVersion/Kind`, the number of the kind's.
 */
export function pruneSchema(
  definitions: Readonly<Record<string, Definition>>,
  byKind: Readonly<Record<string, string>>,
): { definitions: Short[]; names: string[]; kinds: Record<string, number> } {
  const names = mergedDefinitions(definitions)
  const numbers = new Map(names.map((name, index) => [name, index]))
  const shorten = (schema: Definition): Short | undefined => {
    const number = schema.$ref === undefined ? undefined : numbers.get(refName(schema.$ref))
    const items = schema.items && shorten(schema.items)
    const additional = schema.additionalProperties && shorten(schema.additionalProperties)
    const properties = Object.entries(schema.properties ?? {}).flatMap(([name, it]) => {
      const short = shorten(it)
      return short ? [[name, short] as const] : []
    })
    const strategy = schema['x-kubernetes-patch-strategy']
    const key = schema['x-kubernetes-patch-merge-key']
    const keys = schema['x-kubernetes-list-map-keys'] ?? (key === undefined ? undefined : [key])
    const short = {
      ...(number === undefined ? {} : { r: number }),
      ...(properties.length > 0 ? { p: Object.fromEntries(properties) } : {}),
      ...(items ? { i: items } : {}),
      ...(additional ? { a: additional } : {}),
      ...(strategy === undefined ? {} : { s: strategy }),
      ...(strategy === undefined || keys === undefined ? {} : { k: keys }),
    }
    return Object.keys(short).length > 0 ? short : undefined
  }
  const kinds: Record<string, number> = {}
  for (const [kind, name] of Object.entries(byKind)) {
    const number = numbers.get(name)
    if (number !== undefined) kinds[kind] = number
  }
  return { definitions: names.map((name) => shorten(definitions[name] ?? {}) ?? {}), names, kinds }
}

/** Names of the definitions below which there is a list that is merged, sorted. */
function mergedDefinitions(definitions: Readonly<Record<string, Definition>>): string[] {
  const merged = new Set<string>()
  for (let before = -1; before !== merged.size; ) {
    before = merged.size
    for (const [name, schema] of Object.entries(definitions)) {
      if (leadsToMerge(schema, merged)) merged.add(name)
    }
  }
  return [...merged].toSorted()
}

function leadsToMerge(schema: Definition, merged: ReadonlySet<string>): boolean {
  if (schema['x-kubernetes-patch-strategy'] !== undefined) return true
  if (schema.$ref !== undefined && merged.has(refName(schema.$ref))) return true
  const parts = [schema.items, schema.additionalProperties, ...Object.values(schema.properties ?? {})]
  return parts.some((it) => it !== undefined && leadsToMerge(it, merged))
}

function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}
