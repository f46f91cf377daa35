import { fieldOf, isMissingOrNull, removeField, setField } from '@sluice/merge'
import { plainScalar, stringScalar, YamlNode } from '@sluice/yaml'
import { fieldOrCreate } from '../nodes/lookup.ts'

/** The value of a scalar field; empty where there is none. */
export function textOf(node: YamlNode, field: string): string {
  return fieldOf(node, field)?.value ?? ''
}

/** A field of `metadata`; empty where there is none or it is null. */
export function metadataText(node: YamlNode, field: string): string {
  const metadata = fieldOf(node, 'metadata')
  const value = metadata && fieldOf(metadata, field)
  return value && !isMissingOrNull(value) ? value.value : ''
}

/** Labels or annotations, whatever their types, as texts. */
export function metadataMap(node: YamlNode, field: 'labels' | 'annotations'): Map<string, string> {
  const texts = new Map<string, string>()
  const metadata = fieldOf(node, 'metadata')
  const map = metadata && fieldOf(metadata, field)
  if (!map) return texts
  for (let i = 0; i + 1 < map.content.length; i += 2) {
    texts.set(map.content[i]?.value ?? '', map.content[i + 1]?.value ?? '')
  }
  return texts
}

/** Sets labels or annotations, sorted, all strings; an empty map removes the field. */
export function setMetadataMap(
  node: YamlNode,
  field: 'labels' | 'annotations',
  texts: ReadonlyMap<string, string>,
): void {
  const metadata = fieldOrCreate(node, 'metadata', 'mapping')
  if (!metadata) return
  removeField(metadata, field)
  if (texts.size === 0) return
  const map = new YamlNode('mapping', '!!map')
  for (const key of [...texts.keys()].toSorted()) {
    map.content.push(plainScalar(key), stringScalar(texts.get(key) ?? ''))
  }
  metadata.content.push(plainScalar(field), map)
}

/** Sets a field of `metadata` to a text whose type follows from it, as kustomize does. */
export function setMetadataText(node: YamlNode, field: string, text: string): void {
  const metadata = fieldOrCreate(node, 'metadata', 'mapping')
  if (metadata) setField(metadata, field, plainScalar(text))
}
