import { type JsonObject, type JsonValue, type KubeObject, parseApiVersion } from '@sluice/ports'
import { builtinSchema, type StructuralSchema } from '@sluice/schema'
import { isOmitted } from './go-omitted.ts'

/** Groups whose kinds Kubernetes' Go client has types for; others pass as they are. */
const untypedGroups = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])
const roles = new Set(['Role', 'ClusterRole'])

/**
 * The object as Flux applies it: a built-in kind goes through its Go type, which fills in empty structs and required
 * zero values, drops unknown fields, nulls, empty lists and optional zero values, and puts a Secret's `stringData` into `data`. This decides
 * which fields the applier owns. An object that does not fit its type stays as it is, for the server to judge.
 *
 * The status is dropped, except that of a CRD.
 *
 * Source: fluxcd/pkg ssa/normalize, Flux 2.9; the shape of the Go types from the OpenAPI v3 defaults of Kubernetes.
 */
export function normalizeObject(object: KubeObject): KubeObject {
  const { group, version } = parseApiVersion(object.apiVersion)
  const isRole = group === 'rbac.authorization.k8s.io' && version === 'v1' && roles.has(object.kind)
  if (isRole) return object
  const typed = throughType(object)
  const { status: _, ...withoutStatus } = typed
  const normalized = object.kind === 'CustomResourceDefinition' ? typed : withoutStatus
  const { creationTimestamp: __, ...metadata } = normalized.metadata
  return { ...normalized, metadata }
}

function throughType(object: KubeObject): KubeObject {
  const { group, version } = parseApiVersion(object.apiVersion)
  if (untypedGroups.has(group)) return object
  const schema = builtinSchema({ group, version, kind: object.kind })
  if (!schema || !fits(object as unknown as JsonValue, schema)) return object
  const typed = fill(object as unknown as JsonObject, schema) as unknown as KubeObject
  return normalizeKind(typed, group)
}

/** Whether Go's decoder would take the value for the type. It accepts null for everything. */
function fits(value: JsonValue, schema: StructuralSchema): boolean {
  if (value === null || schema.preserveUnknownFields) return true
  if (schema.intOrString) return typeof value === 'string' || typeof value === 'number'
  switch (schema.type) {
    case 'object':
      return isRecord(value) && Object.entries(value).every(([name, field]) => fitsField(name, field, schema))
    case 'array':
      return Array.isArray(value) && value.every((item) => !schema.items || fits(item, schema.items))
    case 'integer':
      return Number.isInteger(value)
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === schema.type
    case '':
      return true
  }
}

function fitsField(name: string, value: JsonValue | undefined, schema: StructuralSchema): boolean {
  const field = schema.field(name)
  return value === undefined || !field || fits(value, field)
}

function fill(value: JsonValue, schema: StructuralSchema): JsonValue {
  if (schema.preserveUnknownFields || typeof value !== 'object' || value === null) return value
  if (!isRecord(value)) {
    const { items } = schema
    return items ? value.map((item) => fill(item, items)) : value
  }
  return schema.properties.size === 0 ? fillMap(value, schema) : fillStruct(value, schema)
}

function fillMap(value: JsonObject, schema: StructuralSchema): JsonObject {
  const { values } = schema
  if (!values) return value
  return fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === undefined ? item : fill(item, values)]),
  )
}

function fillStruct(value: JsonObject, schema: StructuralSchema): JsonObject {
  const required = requiredOf(schema)
  const fields: [string, JsonValue | undefined][] = []
  for (const [name, field] of Object.entries(value)) {
    const property = schema.properties.get(name)
    if (!property || field === undefined || field === null) continue
    const isOptional = !required.has(name) && property.default === undefined
    if (isEmptyCollection(field, property) && !required.has(name)) continue
    if (isOptional && isOmitted(name, field, schema)) continue
    fields.push([name, fill(field, property)])
  }
  const present = new Set(fields.map(([name]) => name))
  for (const [name, property] of schema.properties) {
    const zero = property.default
    if (present.has(name) || zero === undefined || !isZero(zero)) continue
    fields.push([name, fill(zero, property)])
  }
  return fromEntries(fields)
}

/** Lists and maps, but not structs: a pointer to an empty struct is something. */
function isEmptyCollection(value: JsonValue, schema: StructuralSchema): boolean {
  if (Array.isArray(value)) return value.length === 0
  return isRecord(value) && schema.properties.size === 0 && Object.keys(value).length === 0
}

/** Go's zero values. A default such as `TCP` is the server's to set. */
function isZero(value: JsonValue): boolean {
  if (value === '' || value === 0 || value === false) return true
  return isRecord(value) && Object.keys(value).length === 0
}

function requiredOf({ source }: StructuralSchema): ReadonlySet<unknown> {
  return new Set(Array.isArray(source.required) ? source.required : [])
}

/** Protocols of ports are part of their keys, so the applier has to name them. */
function normalizeKind(object: KubeObject, group: string): KubeObject {
  if (group === '' && object.kind === 'Secret') return normalizeSecret(object)
  const path = portPaths.get(group === '' ? object.kind : `${group}/${object.kind}`)
  if (!path) return object
  // A port of a Service without target has 0 in Go; the server puts the port itself in its place.
  const defaults = path === servicePorts ? { protocol: 'TCP', targetPort: 0 } : { protocol: 'TCP' }
  return withDefaults(object as unknown as JsonObject, path, defaults) as unknown as KubeObject
}

const podPorts = ['containers', '[]', 'ports', '[]'] as const
const templatePorts = ['spec', 'template', 'spec', ...podPorts] as const
const servicePorts = ['spec', 'ports', '[]'] as const
const portPaths: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Service', servicePorts],
  ['Pod', ['spec', ...podPorts]],
  ['apps/Deployment', templatePorts],
  ['apps/StatefulSet', templatePorts],
  ['apps/DaemonSet', templatePorts],
  ['apps/ReplicaSet', templatePorts],
  ['batch/Job', templatePorts],
  ['batch/CronJob', ['spec', 'jobTemplate', ...templatePorts]],
])

function withDefaults(value: JsonValue, path: readonly string[], defaults: JsonObject): JsonValue {
  const [step, ...rest] = path
  if (step === undefined) return isRecord(value) ? fillIn(value, defaults) : value
  if (step === '[]') {
    return Array.isArray(value) ? value.map((item) => withDefaults(item, rest, defaults)) : value
  }
  if (!isRecord(value)) return value
  const next = value[step]
  return next === undefined ? value : { ...value, [step]: withDefaults(next, rest, defaults) }
}

/** An empty text counts as absent, a missing number does not. */
function fillIn(value: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([name]) => value[name] === undefined || value[name] === '')
  return missing.length === 0 ? value : { ...value, ...fromEntries(missing) }
}

function normalizeSecret(secret: KubeObject): KubeObject {
  const { stringData, data, ...rest } = secret
  if (!isRecord(stringData) || Object.keys(stringData).length === 0) return secret
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    base64(typeof text === 'string' ? text : ''),
  ])
  return { ...rest, data: { ...(isRecord(data) ? data : {}), ...Object.fromEntries(encoded) } }
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  // In portions: spreading a large array over the arguments of one call overflows the stack.
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  }
  return btoa(binary)
}

/** Keys such as `__proto__` stay keys. */
function fromEntries(entries: readonly (readonly [string, JsonValue | undefined])[]): JsonObject {
  return Object.fromEntries(entries)
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
