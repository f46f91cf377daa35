/**
 * An OpenAPI schema in short, as far as merging looks at it: `r` names a definition, `p` has the properties, `a` the
 * additional ones, `i` the items of a list, `s` is the patch strategy and `k` the merge keys.
 */
export type NodeSchema = {
  readonly r?: number | string
  readonly p?: Readonly<Record<string, NodeSchema>>
  readonly a?: NodeSchema
  readonly i?: NodeSchema
  readonly s?: string
  readonly k?: readonly string[]
}

/** Where schemas come from. */
export interface NodeSchemas {
  /** The definition that a schema's `r` names. */
  definition(name: number | string): NodeSchema | undefined
  /** The schema of a kind; `undefined` for kinds that are not known. */
  kind(apiVersion: string, kind: string): NodeSchema | undefined
}

/** References that lead to references end after this many. */
const maxHops = 32

/** The schema of `field` in an object. */
export function fieldSchema(schema: NodeSchema, field: string, schemas: NodeSchemas): NodeSchema | undefined {
  const { p, a } = schema
  const found = p && Object.hasOwn(p, field) ? p[field] : a
  return found && resolve(found, schemas)
}

/** The schema of a list's items. */
export function itemSchema(schema: NodeSchema, schemas: NodeSchemas): NodeSchema | undefined {
  return schema.i && resolve(schema.i, schemas)
}

/** Whether lists of this schema are merged item by item. */
export function isMergedList({ s = '' }: NodeSchema): boolean {
  return s.split(',').includes('merge')
}

/** The definition behind a reference; `undefined` where it leads nowhere. */
export function resolve(schema: NodeSchema, schemas: NodeSchemas): NodeSchema | undefined {
  let found: NodeSchema | undefined = schema
  for (let hops = 0; found?.r !== undefined; hops += 1) {
    if (hops === maxHops) return undefined
    found = schemas.definition(found.r)
  }
  return found
}
