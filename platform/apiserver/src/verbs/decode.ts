import { isKubeObject, type JsonObject, type JsonValue, type KubeObject } from '@sluice/ports'
import { JsonError, parseJson, parseYaml, YamlError, type YamlValue } from '@sluice/yaml'
import { type ApiResource, groupVersionOf } from '../registry/api-resource.ts'
import { badRequest, unsupportedMediaType } from '../status/status-error.ts'
import type { Call } from './call.ts'

const accepted = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const maxDepth = 1_000

/** Media type without its parameters, lower case; JSON when there is none. */
export function mediaType(contentType: string): string {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  return type === '' ? 'application/json' : type
}

/**
 * The object in the body of a create or replace.
 *
 * @throws {ApiError} BadRequest or UnsupportedMediaType
 */
export function decodeObject(call: Call): KubeObject {
  const type = mediaType(call.contentType)
  if (type !== 'application/json' && type !== 'application/yaml') throw unsupportedMediaType(accepted)
  const { resource } = call
  const value = parseBody(call, (why) => {
    const text = typeof call.body === 'string' ? call.body : ''
    const shown = type === 'application/json' ? text : Buffer.from(text).toString('hex')
    const cause = type === 'application/json' ? `couldn't get version/kind; json parse error: ${why}` : why
    return badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): ${cause} (${shown})`,
    )
  })
  if (!isObject(value)) throw badRequest(`the object provided is not an object`)
  return checkKind(value, resource)
}

/** Fills in what a client may leave out, and refuses another kind. */
function checkKind(value: JsonObject, resource: ApiResource): KubeObject {
  const expected = groupVersionOf(resource)
  const kind = value.kind ?? resource.kind
  const apiVersion = value.apiVersion ?? expected
  if (resource.custom && (value.kind === undefined || value.apiVersion === undefined)) {
    throw badRequest("Object 'Kind' is missing in 'unknown'")
  }
  if (kind !== resource.kind || apiVersion !== expected) {
    throw badRequest(wrongKind({ kind: asText(kind), apiVersion: asText(apiVersion) }, resource))
  }
  const metadata = value.metadata ?? {}
  if (!isObject(metadata)) throw badRequest('metadata of the object is not an object')
  const object = { ...value, apiVersion: expected, kind: resource.kind, metadata }
  if (!isKubeObject(object)) throw badRequest('the object provided is not a Kubernetes object')
  return object
}

function wrongKind(
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion: string },
  resource: ApiResource,
): string {
  if (resource.custom && kind === resource.kind) {
    return `the API version in the data (${apiVersion}) does not match the expected API version (${groupVersionOf(resource)})`
  }
  if (resource.custom) {
    return `the kind in the data (${apiVersion}, Kind=${kind}) does not match the expected kind (${groupVersionOf(resource)}, Kind=${resource.kind})`
  }
  const short = apiVersion.slice(apiVersion.indexOf('/') + 1)
  const group = resource.group === '' ? 'core' : (resource.group.split('.')[0] ?? '')
  return `${kind} in version "${short}" cannot be handled as a ${resource.kind}: converting (${short}.${kind}) to (${group}.${resource.kind}): unknown conversion`
}

/** The body as JSON, from text or as an object of a caller in the process. */
export function parseBody(call: Call, fail: (why: string) => Error): JsonValue {
  const { body } = call
  if (body === undefined || body === '') return {}
  if (typeof body !== 'string') {
    checkDepth(body as JsonValue)
    return body as JsonValue
  }
  const value = mediaType(call.contentType).endsWith('yaml') ? readYaml(body, fail) : readJson(body, fail)
  checkDepth(value)
  return value
}

function readJson(text: string, fail: (why: string) => Error): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  // The engine's reader is slower, but says what is wrong in the words that clients know.
  try {
    return jsonNumbers(parseJson(text))
  } catch (error) {
    if (error instanceof JsonError) throw fail(error.message)
    throw error
  }
}

function readYaml(text: string, fail: (why: string) => Error): JsonValue {
  try {
    // Nearly all YAML that machines send is JSON.
    if (text.startsWith('{')) return JSON.parse(text) as JsonValue
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  try {
    return jsonNumbers(parseYaml(text))
  } catch (error) {
    if (error instanceof YamlError) throw fail(error.message)
    throw error
  }
}

/** Integers beyond 2^53 become the nearest number: that is what JSON between the parts of this server can hold. */
function jsonNumbers(value: YamlValue): JsonValue {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return (value as readonly YamlValue[]).map(jsonNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, jsonNumbers(it as YamlValue)]))
}

/** @throws {ApiError} when the value is nested so deep that working on it could exhaust the stack. */
function checkDepth(value: JsonValue): void {
  const open: [JsonValue, number][] = [[value, 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [current, depth] = next
    if (typeof current !== 'object' || current === null) continue
    if (depth >= maxDepth) throw badRequest(`the object is nested deeper than ${maxDepth} levels`)
    for (const item of Object.values(current)) open.push([item ?? null, depth + 1])
  }
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
