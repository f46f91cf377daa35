import {
  budgetOf,
  formatDuration,
  formatFloat,
  formatTime,
  GoError,
  GoInt,
  GoMap,
  GoNamed,
  GoObject,
  GoSlice,
  type GoValue,
  goStringBytes,
  goTypeName,
  isValidUtf8,
  rfc3339Nano,
} from '@sluice/go'
import { compareKeys, fromPlain, plainScalar, printTree, YamlNode } from '@sluice/yaml'
import { TimeValue } from '../sprig/time-values.ts'

const maxDepth = 1_000
const unlimited = budgetOf(Number.POSITIVE_INFINITY)

/**
 * Helm's `toYamlPretty`: the value itself (no detour over JSON), lists indented by two, long lines not folded.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/funcs.go; go.yaml.in/yaml/v3, encode.go.
 * @throws {GoError} for what YAML has no form for
 */
export function prettyYaml(value: GoValue): string {
  const text = printTree(nodeOf(value, 0), { sequenceIndent: 'wide' })
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

function nodeOf(value: GoValue, depth: number): YamlNode {
  if (depth > maxDepth) throw new GoError('yaml: the value is nested too deeply')
  if (value === null || value === undefined) return fromPlain(null)
  if (typeof value === 'string') return textNode(value)
  if (typeof value === 'boolean') return fromPlain(value)
  if (typeof value === 'number') return plainScalar(floatText(value))
  if (value instanceof GoInt) return integerNode(value)
  if (value instanceof GoNamed) return textNode(value.value)
  if (value instanceof GoObject) return objectNode(value, depth)
  return collectionNode(value, depth)
}

function collectionNode(value: GoValue, depth: number): YamlNode {
  if (value instanceof Map) return mappingNode(value, depth)
  if (value instanceof GoMap) return mappingNode(value.entries, depth)
  if (Array.isArray(value)) return sequenceNode(value as readonly GoValue[], depth)
  if (value instanceof GoSlice) return sequenceNode(value.items, depth)
  if (value instanceof Uint8Array) {
    return sequenceNode(
      Array.from(value, (byte) => new GoInt('uint8', BigInt(byte))),
      depth,
    )
  }
  throw new GoError(`cannot marshal type: ${goTypeName(value)}`)
}

function textNode(text: string): YamlNode {
  if (isValidUtf8(text)) return fromPlain(text)
  const node = new YamlNode(
    'scalar',
    '!!binary',
    btoa(Array.from(goStringBytes(text), (byte) => String.fromCharCode(byte)).join('')),
  )
  node.tagged = true
  return node
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (Number.isFinite(value)) return formatFloat(value, 'g', -1)
  return value > 0 ? '.inf' : '-.inf'
}

function integerNode({ type, value }: GoInt): YamlNode {
  return type === 'time.Duration' ? fromPlain(formatDuration(value)) : plainScalar(String(value))
}

/** A struct's keys are its fields in small letters, unless its type has a text form. */
function objectNode(value: GoObject, depth: number): YamlNode {
  if (value instanceof TimeValue) {
    return plainScalar(formatTime(value.time, rfc3339Nano))
  }
  const text = value.methods.get('MarshalText')?.call([], unlimited)
  if (typeof text === 'string') return fromPlain(text)
  const node = new YamlNode('mapping', '!!map')
  for (const [name, field] of value.fields) {
    node.content.push(textNode(name.toLowerCase()), nodeOf(field, depth + 1))
  }
  return closed(node)
}

function mappingNode(entries: ReadonlyMap<GoValue, GoValue>, depth: number): YamlNode {
  const node = new YamlNode('mapping', '!!map')
  const sorted = [...entries].toSorted(([a], [b]) => compareKeys(keyText(a), keyText(b)))
  for (const [key, value] of sorted) node.content.push(nodeOf(key, depth + 1), nodeOf(value, depth + 1))
  return closed(node)
}

function keyText(key: GoValue): string {
  if (typeof key === 'string') return key
  return key instanceof GoInt ? String(key.value) : ''
}

function sequenceNode(items: readonly GoValue[], depth: number): YamlNode {
  const node = new YamlNode('sequence', '!!seq')
  for (const item of items) node.content.push(nodeOf(item, depth + 1))
  return closed(node)
}

/** Empty collections are written as `[]` and `{}`. */
function closed(node: YamlNode): YamlNode {
  if (node.content.length === 0) node.style = 'flow'
  return node
}
