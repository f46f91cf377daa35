import { createHash } from 'node:crypto'
import type { JsonObject, JsonValue } from '@sluice/ports'
import { builtinDefinition } from '@sluice/schema'
import type { ApiResource } from '../registry/api-resource.ts'
import type { Registry } from '../registry/registry.ts'
import { kubernetesVersion } from './discovery.ts'

type Document = { readonly generation: number; readonly body: JsonObject; readonly hash: string }

// Documents are large and asked for rarely; each server keeps its own until its resources change.
const documents = new WeakMap<Registry, Map<string, Document>>()

/** The answer to an OpenAPI v3 path; `undefined` when the path is none. Source: OpenAPI 3.0, as clients of Kubernetes read it. */
export function openApiAnswer(registry: Registry, path: string): { readonly body: object } | undefined {
  const [root, version, ...rest] = path.split('/').filter((it) => it !== '')
  if (root !== 'openapi' || version !== 'v3') return undefined
  if (rest.length === 0) return { body: index(registry) }
  const key = rest.join('/')
  return groupVersions(registry).includes(key) ? { body: document(registry, key).body } : undefined
}

function groupVersions(registry: Registry): string[] {
  const groups = registry.groups().flatMap(({ name, versions }) => versions.map((it) => `apis/${name}/${it}`))
  return ['api/v1', ...groups]
}

function index(registry: Registry): object {
  const paths = groupVersions(registry).map((key) => [
    key,
    { serverRelativeURL: `/openapi/v3/${key}?hash=${document(registry, key).hash}` },
  ])
  return { paths: Object.fromEntries(paths) as JsonObject }
}

function document(registry: Registry, key: string): Document {
  let known = documents.get(registry)
  if (!known) documents.set(registry, (known = new Map()))
  const before = known.get(key)
  const isCustom = !key.endsWith('.k8s.io/v1') && key.includes('.')
  if (before && (before.generation === registry.generation || !isCustom)) return before
  const body = build(registry, key)
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32).toUpperCase()
  const made = { generation: registry.generation, body, hash }
  known.set(key, made)
  return made
}

function build(registry: Registry, key: string): JsonObject {
  const parts = key.split('/')
  const group = parts.length === 2 ? '' : (parts[1] ?? '')
  const resources = registry.inGroupVersion(group, parts.at(-1) ?? '')
  const schemas: Record<string, JsonValue> = {}
  const paths: Record<string, JsonValue> = {}
  for (const resource of resources) {
    const name = schemaName(resource)
    collect(schemas, name, { ...resource.type.source, 'x-kubernetes-group-version-kind': [gvkOf(resource)] })
    Object.assign(paths, pathsOf(resource, name, `/${key}`))
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: kubernetesVersion.gitVersion },
    paths,
    components: { schemas },
  }
}

function gvkOf({ group, version, kind }: ApiResource): JsonObject {
  return { group, version, kind }
}

/** Built-in types keep their own names; those of CRDs are named by the group in reverse. */
function schemaName(resource: ApiResource): string {
  if (resource.type.definition !== '') return resource.type.definition
  const group = resource.group.split('.').toReversed().join('.')
  return `${group}.${resource.version}.${resource.kind}`
}

/** Adds a schema and all that it refers to. */
function collect(schemas: Record<string, JsonValue>, name: string, source: JsonObject): void {
  if (Object.hasOwn(schemas, name)) return
  schemas[name] = {}
  schemas[name] = rewritten(source, (reference) => {
    const target = builtinDefinition(reference)
    if (target) collect(schemas, reference, target.source)
  })
}

/** The schema with references in the form of OpenAPI. */
function rewritten(value: JsonValue, refersTo: (name: string) => void): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((it) => rewritten(it, refersTo))
  if (typeof value !== 'object' || value === null) return value
  const object = value as JsonObject
  const { $ref, ...beside } = object
  const result: Record<string, JsonValue> = {}
  for (const [name, it] of Object.entries(beside)) {
    if (it !== undefined) result[name] = rewritten(it, refersTo)
  }
  if (typeof $ref !== 'string') return result
  refersTo($ref)
  const reference = { $ref: `#/components/schemas/${$ref}` }
  return Object.keys(result).length === 0 ? reference : { ...result, allOf: [reference] }
}

const actions = [
  ['get', 'get'],
  ['put', 'update'],
  ['patch', 'patch'],
  ['delete', 'delete'],
] as const

/** Paths of a resource: enough for clients to see which verbs and query parameters it takes. */
function pathsOf(resource: ApiResource, schema: string, root: string): JsonObject {
  const base = `${root}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.plural}`
  const kind = gvkOf(resource)
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }
  const operation = (action: string): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
    responses: { '200': { description: 'OK', content } },
  })
  const item = actions.filter(([, verb]) => resource.verbs.includes(verb))
  const collection: Record<string, JsonValue> = {}
  if (resource.verbs.includes('list')) collection['get'] = operation('list')
  if (resource.verbs.includes('create')) collection['post'] = operation('post')
  return {
    [base]: collection,
    [`${base}/{name}`]: Object.fromEntries(item.map(([method]) => [method, operation(method)])),
  }
}
