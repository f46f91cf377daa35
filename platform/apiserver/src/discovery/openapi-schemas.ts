import type { JsonObject, JsonValue } from '@sluice/ports'
import { builtinDefinition } from '@sluice/schema'
import type { ApiResource } from '../registry/api-resource.ts'

/** The version of OpenAPI that is written. */
export type Style = 'v2' | 'v3'

const places: Readonly<Record<Style, string>> = { v2: '#/definitions/', v3: '#/components/schemas/' }
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'

/** The schemas of resources and of all that they refer to, by name. */
export function schemasOf(resources: readonly ApiResource[], style: Style): JsonObject {
  const schemas: Record<string, JsonValue> = {}
  for (const resource of resources) {
    const source = { ...resource.type.source, 'x-kubernetes-group-version-kind': [gvkOf(resource)] }
    collect(schemas, schemaName(resource), { source, style })
  }
  return schemas
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

type Writing = { readonly source: JsonObject; readonly style: Style }

function collect(schemas: Record<string, JsonValue>, name: string, { source, style }: Writing): void {
  if (Object.hasOwn(schemas, name)) return
  schemas[name] = {}
  schemas[name] =
    plainType(name, style) ??
    rewritten(source, style, (reference) => {
      const target = builtinDefinition(reference)
      if (target) collect(schemas, reference, { source: target.source, style })
    })
}

/** Of types that are several in one, version 2 can only say that they are texts. */
function plainType(name: string, style: Style): JsonObject | undefined {
  if (style === 'v3') return undefined
  if (name === intOrString) return { type: 'string', format: 'int-or-string' }
  return name === quantity ? { type: 'string' } : undefined
}

/** What version 2 does not know. */
const onlyInV3 = new Set([
  'allOf',
  'anyOf',
  'default',
  'not',
  'nullable',
  'oneOf',
  'x-kubernetes-validations',
])

/** The schema with references in the form of OpenAPI. */
function rewritten(value: JsonValue, style: Style, refersTo: (name: string) => void): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((it) => rewritten(it, style, refersTo))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, properties, ...beside } = value as JsonObject
  const result: Record<string, JsonValue> = {}
  for (const [name, it] of Object.entries(beside)) {
    if (it === undefined || (style === 'v2' && onlyInV3.has(name))) continue
    result[name] = rewritten(it, style, refersTo)
  }
  // The names of properties are not keywords.
  if (typeof properties === 'object' && properties !== null) {
    const entries = Object.entries(properties).map(([name, it]) => [
      name,
      rewritten(it ?? null, style, refersTo),
    ])
    result['properties'] = Object.fromEntries(entries) as JsonObject
  }
  if (typeof $ref !== 'string') return result
  refersTo($ref)
  const reference = { $ref: `${places[style]}${$ref}` }
  if (Object.keys(result).length === 0) return reference
  return style === 'v2' ? { ...result, ...reference } : { ...result, allOf: [reference] }
}

const actions = [
  ['get', 'get'],
  ['put', 'update'],
  ['patch', 'patch'],
  ['delete', 'delete'],
] as const

/** Paths of a resource: enough for clients to see which verbs and query parameters it takes. */
export function pathsOf(resource: ApiResource, root: string, style: Style): JsonObject {
  const base = `${root}/${resource.namespaced ? 'namespaces/{namespace}/' : ''}${resource.plural}`
  const kind = gvkOf(resource)
  const schema = { $ref: `${places[style]}${schemaName(resource)}` }
  const content = style === 'v2' ? { schema } : { content: { 'application/json': { schema } } }
  const parameterType = { type: 'string', uniqueItems: true }
  const operation = (action: string): JsonObject => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': kind,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
      name,
      in: 'query',
      ...(style === 'v2' ? parameterType : { schema: parameterType }),
    })),
    responses: { '200': { description: 'OK', ...content } },
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
