import type { JsonObject, JsonValue } from '@sluice/ports'
import { builtinDefinition } from '../builtin/builtin-schemas.ts'
import { mapSame } from './defaults.ts'
import { isObject, type StructuralSchema } from './structural-schema.ts'

export type PruneOptions = {
  /** Whether the value is a whole resource, which has `apiVersion`, `kind` and `metadata` beyond its schema. */
  readonly isResource?: boolean
  /** Where the value stands, for the paths of what is dropped. */
  readonly path?: string
}

export type Pruned = {
  /** The value without unknown fields; the very same where nothing was dropped. */
  readonly value: JsonValue
  /** Paths of the fields dropped, such as `spec.containers[0].imagee`, in the order of their places. */
  readonly unknown: readonly string[]
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const maxUnknown = 100

/**
 * Drops the fields that a schema does not name. Of the dropped, the paths of the first hundred are reported.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#field-pruning
 */
export function prune(
  value: JsonValue,
  schema: StructuralSchema,
  { isResource = false, path = '' }: PruneOptions = {},
): Pruned {
  const unknown: string[] = []
  const run: Run = { unknown }
  return { value: pruneValue(run, value, schema, { path, isResource }), unknown }
}

type Run = { readonly unknown: string[] }
type Place = { readonly path: string; readonly isResource: boolean }

function pruneValue(
  run: Run,
  value: JsonValue,
  schema: StructuralSchema | undefined,
  place: Place,
): JsonValue {
  if (typeof value !== 'object' || value === null || !schema) return value
  if (isObject(value)) {
    const isResource = place.isResource || schema.embeddedResource
    return pruneObject(run, value, schema, { path: place.path, isResource })
  }
  return mapSame(value, (item, index) =>
    pruneValue(run, item, schema.items, { path: `${place.path}[${index}]`, isResource: false }),
  )
}

function pruneObject(run: Run, value: JsonObject, schema: StructuralSchema, place: Place): JsonObject {
  let out: { [key: string]: JsonValue | undefined } | undefined
  const keepsUnknown = schema.preserveUnknownFields || schema.additionalProperties === true
  for (const name of Object.keys(value)) {
    const own = value[name]
    if (own === undefined) continue
    const path = place.path === '' ? name : `${place.path}.${name}`
    const property = schemaOfField(schema, name, place.isResource)
    if (property === 'keep') continue
    if (property) {
      const next = pruneValue(run, own, property, { path, isResource: false })
      if (next === own) continue
      out ??= { ...value }
      out[name] = next
    } else if (!keepsUnknown) {
      if (run.unknown.length < maxUnknown) run.unknown.push(path)
      out ??= { ...value }
      delete out[name]
    }
  }
  return out ?? value
}

function schemaOfField(
  schema: StructuralSchema,
  name: string,
  isResource: boolean,
): StructuralSchema | 'keep' | undefined {
  if (isResource && (name === 'apiVersion' || name === 'kind')) return 'keep'
  if (isResource && name === 'metadata') return builtinDefinition(objectMeta)
  return schema.field(name)
}
