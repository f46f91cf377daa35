import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { kindDefinitions } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import { goDuration } from '../flags.ts'

type SpecNode = (typeof kindDefinitions)[number]['spec']

// The schemas tell durations from other texts by their pattern alone.
const durationPatternStart = '^([0-9]+(\\.[0-9]+)?(ms|s|m'

/**
 * An object as `--export` and `flux export` print it: `---`, then what a person would have written, without what
 * the server added; durations in Go's form, optional false flags and empty texts left out, keys in order.
 */
export function exportText(object: KubeObject): string {
  const { apiVersion, kind, metadata } = object
  const { name, namespace, labels, annotations } = metadata
  const definition = kindDefinitions.find((it) => it.kind === kind && apiVersion.startsWith(`${it.group}/`))
  const spec = object['spec'] as JsonObject | undefined
  return manifestText({
    apiVersion,
    kind,
    metadata: {
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
      ...nonEmpty('labels', labels),
      ...nonEmpty('annotations', annotations),
    },
    ...(spec && { spec: definition ? inGoForm(spec, definition.spec) : spec }),
  })
}

/** A manifest of a stream: `---` and the object in YAML. */
export function manifestText(manifest: JsonObject): string {
  return `---\n${printYaml(manifest)}`
}

function nonEmpty(name: string, record: Readonly<Record<string, string>> | undefined): JsonObject {
  return record && Object.keys(record).length > 0 ? { [name]: { ...record } } : {}
}

/** The value as Go prints it from the types behind the schema. */
function inGoForm(value: JsonValue, node: SpecNode | undefined): JsonValue {
  if (node === undefined || value === null) return value
  if (typeof value === 'string') {
    return node.pattern?.startsWith(durationPatternStart) ? goDuration(value) : value
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => inGoForm(item, node.items))
  if (typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value as JsonObject).flatMap(([key, item]) => {
      const child = node.properties?.[key]
      const isOptional = child !== undefined && child.needed === undefined
      if (item === undefined || (isOptional && (item === false || item === ''))) return []
      return [[key, inGoForm(item, child ?? node.values)]]
    }),
  )
}
