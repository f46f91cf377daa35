import type { JsonValue, KubeObject } from '@sluice/ports'
import { applyDefaults, dropNulls, prune } from '@sluice/schema'
import { canonical } from '../builtin/canonical.ts'
import { badRequest } from '../status/status-error.ts'
import type { Call } from '../verbs/call.ts'
import { isObject } from '../verbs/decode.ts'

/**
 * Reads an object by its type: unknown fields are dropped, and refused or warned of as the request wants it; nulls and
 * defaults are treated as the kind of type has it.
 *
 * @throws {ApiError} BadRequest when validation is strict
 */
export function decodeTyped(
  object: KubeObject,
  { resource, warnings }: Pick<Call, 'resource' | 'warnings'>,
  fieldValidation: 'Strict' | 'Warn' | 'Ignore',
): KubeObject {
  const { custom, type } = resource
  const schema = custom?.schema ?? type
  const { value, unknown } = prune(object as unknown as JsonValue, schema, { isResource: true })
  if (unknown.length > 0 && fieldValidation === 'Strict') throw badRequest(strictError(object, unknown))
  if (fieldValidation === 'Warn') warnings.push(...unknown.map((it) => `unknown field ${JSON.stringify(it)}`))
  if (!custom) {
    const read = dropNulls(value, type)
    return (isObject(read) ? canonical(read, type) : read) as unknown as KubeObject
  }
  return applyDefaults(value, custom.schema) as unknown as KubeObject
}

function strictError(object: KubeObject, unknown: readonly string[]): string {
  const list = unknown.map((it) => `unknown field ${JSON.stringify(it)}`).join(', ')
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  return `${object.kind} in version ${JSON.stringify(version)} cannot be handled as a ${object.kind}: strict decoding error: ${list}`
}
