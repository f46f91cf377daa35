import type { YamlNode } from '@sluice/yaml'
import { type NodeSchema, type NodeSchemas, resolve } from './schema.ts'

/**
 * The schema that a comment of `node` gives, as in `# {"items":{"$ref":"#/definitions/x"}}`.
 *
 * Source: kyaml v0.21, fieldmeta/fieldmeta.go.
 */
export function commentSchema(
  { lineComment, headComment }: YamlNode,
  schemas: NodeSchemas,
): NodeSchema | undefined {
  const comment = lineComment === '' ? headComment : lineComment
  if (!comment.startsWith('#')) return undefined
  const json = comment.replace(/^#+/, '').trim()
  if (!json.startsWith('{')) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
  const schema = readOpenApi(value)
  return resolve(schema, schemas) ?? schema
}

/** An OpenAPI v2 schema in short; what merging does not look at is left out. */
export function readOpenApi(value: unknown): NodeSchema {
  if (!isRecord(value)) return {}
  const { type, properties, items, additionalProperties } = value
  const isList = type === 'array' || (Array.isArray(type) && type.length === 1 && type[0] === 'array')
  const strategy = value['x-kubernetes-patch-strategy']
  const key = value['x-kubernetes-patch-merge-key']
  const keys = value['x-kubernetes-list-map-keys']
  const ref = value['$ref']
  const mergeKeys = Array.isArray(keys) ? keys.map(String) : typeof key === 'string' ? [key] : []
  return {
    ...(typeof ref === 'string' ? { r: ref.replace('#/definitions/', '') } : {}),
    ...(isRecord(properties) ? { p: readProperties(properties) } : {}),
    ...(isRecord(additionalProperties) ? { a: readOpenApi(additionalProperties) } : {}),
    ...(isList && isRecord(items) ? { i: readOpenApi(items) } : {}),
    ...(typeof strategy === 'string' ? { s: strategy, k: mergeKeys } : {}),
  }
}

function readProperties(properties: Readonly<Record<string, unknown>>): Record<string, NodeSchema> {
  return Object.fromEntries(Object.entries(properties).map(([name, it]) => [name, readOpenApi(it)]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
