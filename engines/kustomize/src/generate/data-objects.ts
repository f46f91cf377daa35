import { setField } from '@sluice/merge'
import { plainScalar, stringScalar, YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { GeneratorArgs, GeneratorOptions } from '../kustomization/types.ts'
import type { Loader } from '../loading/loader.ts'
import { fieldOrCreate } from '../nodes/lookup.ts'
import { parseBehavior, Resource } from '../resource/resource.ts'
import { encodeBase64Lines } from './base64.ts'
import { type DataValue, loadKeyValues } from './key-values.ts'

/** Makes a ConfigMap. @throws {KustomizeError} when its sources cannot be had. */
export function generateConfigMap(args: GeneratorArgs, loader: Loader): Resource {
  const node = baseNode('ConfigMap', args)
  for (const [key, value] of loadKeyValues(args, loader)) {
    const text = asText(value)
    const field = text === undefined ? 'binaryData' : 'data'
    setData(node, field, { key, text: text ?? encodeBase64Lines(value as Uint8Array) })
  }
  return finish(node, args)
}

/** Makes a Secret, all its values in base64. @throws {KustomizeError} when its sources cannot be had. */
export function generateSecret(args: GeneratorArgs, loader: Loader): Resource {
  const node = baseNode('Secret', args)
  setField(node, 'type', stringScalar(args.type || 'Opaque'))
  const values = loadKeyValues(args, loader)
  fieldOrCreate(node, 'data', 'mapping')
  for (const [key, value] of values) {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
    setData(node, 'data', { key, text: encodeBase64Lines(bytes) })
  }
  return finish(node, args)
}

function baseNode(kind: string, { name = '', namespace = '' }: GeneratorArgs): YamlNode {
  if (name === '') throw new KustomizeError('PLUGIN_INVALID', `a ${kind.toLowerCase()} must have a name`)
  const node = new YamlNode('mapping', '!!map')
  const metadata = new YamlNode('mapping', '!!map')
  metadata.content.push(plainScalar('name'), stringScalar(name))
  if (namespace !== '') metadata.content.push(plainScalar('namespace'), stringScalar(namespace))
  node.content.push(plainScalar('apiVersion'), stringScalar('v1'))
  node.content.push(plainScalar('kind'), stringScalar(kind))
  node.content.push(plainScalar('metadata'), metadata)
  return node
}

function finish(node: YamlNode, { options, behavior = '' }: GeneratorArgs): Resource {
  if (options) applyOptions(node, options)
  const resource = new Resource(node)
  resource.needsHash = !options?.disableNameSuffixHash
  resource.behavior = parseBehavior(behavior)
  return resource
}

function applyOptions(node: YamlNode, { labels, annotations, immutable }: GeneratorOptions): void {
  setEntries(node, 'labels', labels)
  setEntries(node, 'annotations', annotations)
  if (immutable) setField(node, 'immutable', new YamlNode('scalar', '!!bool', 'true'))
}

function setEntries(node: YamlNode, field: string, entries: ReadonlyMap<string, string> = new Map()): void {
  for (const [key, value] of [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const metadata = fieldOrCreate(node, 'metadata', 'mapping')
    const map = metadata && fieldOrCreate(metadata, field, 'mapping')
    const text = stringScalar(value)
    text.style = 'single'
    if (map) setField(map, key, text)
  }
}

function setData(node: YamlNode, field: string, { key, text }: { key: string; text: string }): void {
  const map = fieldOrCreate(node, field, 'mapping')
  if (map) setField(map, key, stringScalar(text))
}

/** The text that bytes are; `undefined` when they are none. */
function asText(value: DataValue): string | undefined {
  if (typeof value === 'string') return value
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch {
    // Bytes that are no UTF-8 are binary data.
    return undefined
  }
}
