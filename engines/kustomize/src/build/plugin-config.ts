import type { JsonObject, JsonValue } from '@sluice/ports'
import { printYaml } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'

/** What a plugin is configured with by a field of a kustomization: what kustomize would write for it, as YAML. */
export function configText(config: object): string {
  return printYaml(jsonOf(config))
}

/** Makes a plugin of a field; a failure shows how it was configured. */
export function configuredBy<T>(kind: string, config: () => object, make: (config: () => string) => T): T {
  const text = (): string => configText(config())
  try {
    return make(text)
  } catch (cause) {
    const message = `trouble configuring builtin ${kind} with config: \`\n${text()}\``
    throw new KustomizeError('PLUGIN_INVALID', message, { cause })
  }
}

/** Without what is empty, as Go leaves out; an object that was given stays. */
function jsonOf(config: object): JsonObject {
  const entries = Object.entries(config).flatMap(([key, value]): [string, JsonValue][] => {
    if (value === undefined || value === '' || value === false || value === 0) return []
    if (value instanceof Map) return value.size === 0 ? [] : [[key, Object.fromEntries(value) as JsonObject]]
    if (Array.isArray(value)) return value.length === 0 ? [] : [[key, value.map(itemOf)]]
    return [[key, itemOf(value)]]
  })
  return Object.fromEntries(entries)
}

function itemOf(value: unknown): JsonValue {
  return typeof value === 'object' && value !== null ? jsonOf(value) : (value as JsonValue)
}
