import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { applyDefaults, dropNulls, prune, type StructuralSchema } from '@sluice/schema'
import { canonical } from '../builtin/canonical.ts'
import { fractionProblem, typeProblem } from '../builtin/type-check.ts'
import { badRequest } from '../status/status-error.ts'
import type { Call } from '../verbs/call.ts'
import { isObject } from '../verbs/decode.ts'
import { floatsOfCall } from '../verbs/whole-floats.ts'

/**
 * Reads an object by its type: unknown fields are dropped, and refused or warned of as the request wants it; nulls and
 * defaults are treated as the kind of type has it.
 *
 * @param refuse what to throw about an object that cannot be read; a BadRequest when absent
 * @throws {ApiError} when a value is of another type, or a field is unknown and validation is strict
 */
export function decodeTyped(
  object: KubeObject,
  { resource, warnings, body, contentType }: Pick<Call, 'resource' | 'warnings' | 'body' | 'contentType'>,
  fieldValidation: 'Strict' | 'Warn' | 'Ignore',
  refuse: (why: string) => Error = (why) => badRequest(cannotHandle(object, why)),
): KubeObject {
  const { custom, type } = resource
  // Custom resources have their own validation for all but their metadata.
  const typed = custom ? { metadata: object.metadata } : object
  const problem =
    typeProblem(typed as unknown as JsonObject, type) ??
    (custom ? undefined : fractionProblem(floatsOfCall({ body, contentType }), type))
  if (problem !== undefined) throw refuse(problem)
  const schema = custom?.schema ?? type
  const { value, unknown } = prune(object as unknown as JsonValue, schema, { isResource: true })
  if (unknown.length > 0 && fieldValidation === 'Strict') throw refuse(strictError(unknown))
  if (fieldValidation === 'Warn') warnings.push(...unknown.map((it) => `unknown field ${JSON.stringify(it)}`))
  if (!custom) {
    const read = dropNulls(value, type)
    return (isObject(read) ? canonical(read, type) : read) as unknown as KubeObject
  }
  return applyDefaults(
    withoutNulls(withMetadataRead(value, type), custom.schema),
    custom.schema,
  ) as unknown as KubeObject
}

function strictError(unknown: readonly string[]): string {
  return `strict decoding error: ${unknown.map((it) => `unknown field ${JSON.stringify(it)}`).join(', ')}`
}

function cannotHandle({ apiVersion, kind }: KubeObject, why: string): string {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`
}

/** Metadata is read as that of built-in kinds. */
function withMetadataRead(value: JsonValue, type: StructuralSchema): JsonValue {
  const metadataType = type.properties.get('metadata')
  if (!isObject(value) || value.metadata === undefined || !metadataType) return value
  const metadata = dropNulls(value.metadata, metadataType)
  return metadata === value.metadata ? value : { ...value, metadata }
}

/** Drops nulls of fields that allow none and have no default to take their place. */
function withoutNulls(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? (value as readonly JsonValue[]).map((it) => withoutNulls(it, items)) : value
  }
  if (!isObject(value)) return value
  const result: { [name: string]: JsonValue } = {}
  let changed = false
  for (const [name, own] of Object.entries(value)) {
    if (own === undefined) continue
    const child = schema.field(name)
    const dropped =
      own === null && child !== undefined && !child.nullable && child.default === undefined && isTyped(child)
    const next = child && !dropped ? withoutNulls(own, child) : own
    changed ||= dropped || next !== own
    if (!dropped) result[name] = next
  }
  return changed ? result : value
}

function isTyped({ type, intOrString }: StructuralSchema): boolean {
  return type !== '' || intOrString
}
