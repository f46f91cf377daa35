import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { applyDefaults, dropNulls, prune, type StructuralSchema } from '@sluice/schema'
import { canonical } from '../builtin/canonical.ts'
import { fractionProblem, typeProblem } from '../builtin/type-check.ts'
import { badRequest } from '../status/status-error.ts'
import type { Call } from '../verbs/call.ts'
import { isObject, mediaType } from '../verbs/decode.ts'
import { fieldsOfText } from '../verbs/duplicate-fields.ts'
import { floatsOfCall } from '../verbs/whole-floats.ts'

/** Built-in kinds are read from it right into their types. */
const decodedContentType = 'application/json'

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
  if (fieldValidation !== 'Ignore') {
    const inOrder = custom ? undefined : decodedContentType
    const problems = fieldProblems({ body, contentType }, unknown, mediaType(contentType) === inOrder)
    if (fieldValidation === 'Warn') warnings.push(...problems)
    else if (problems.length > 0) throw refuse(`strict decoding error: ${problems.join(', ')}`)
  }
  if (!custom) {
    const read = dropNulls(value, type)
    return (isObject(read) ? canonical(read, type) : read) as unknown as KubeObject
  }
  return applyDefaults(
    withoutNulls(withMetadataRead(value, type), custom.schema),
    custom.schema,
  ) as unknown as KubeObject
}

/**
 * What a strict reader says of the fields of a request.
 *
 * @param inOrder whether one reader sees both kinds of problems, which says nothing more of what it does not know; else what
 *   is named twice comes first
 */
function fieldProblems(
  { body, contentType }: Pick<Call, 'body' | 'contentType'>,
  unknown: readonly string[],
  inOrder: boolean,
): string[] {
  const type = mediaType(contentType)
  // The reader of apply configurations speaks for itself.
  const isJson =
    typeof body === 'string' && type.endsWith('json') && !type.startsWith('application/apply-patch')
  const { repeated, positionOf } = isJson ? fieldsOfText(body) : { repeated: [], positionOf: () => 0 }
  const ofUnknown = unknown.map((path) => ({
    position: positionOf(path),
    problem: `unknown field ${JSON.stringify(path)}`,
  }))
  const known = inOrder ? repeated.filter(({ path }) => !unknown.some((it) => isWithin(path, it))) : repeated
  const ofRepeated = known.map(({ path, position }) => ({
    position,
    problem: `${type === 'application/json-patch+json' ? 'json patch ' : ''}duplicate field ${JSON.stringify(path)}`,
  }))
  const problems = [...ofRepeated, ...ofUnknown]
  if (inOrder && ofRepeated.length > 0) problems.sort((a, b) => a.position - b.position)
  return [...new Set(problems.map(({ problem }) => problem))]
}

function isWithin(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor) && ['', '.', '['].includes(path.charAt(ancestor.length))
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
