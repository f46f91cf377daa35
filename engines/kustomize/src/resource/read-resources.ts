import { fieldOf, isMissingOrNull } from '@sluice/merge'
import { compareUtf8 } from '@sluice/ports'
import { expandAliases, hasAliases, parseDocument, type YamlNode } from '@sluice/yaml'
import { during, KustomizeError } from '../errors.ts'
import { decodeYaml } from '../loading/decode-yaml.ts'
import { metadataMap, metadataText, textOf } from './metadata.ts'
import { Resource } from './resource.ts'

/**
 * Reads the resources of a YAML or JSON text; lists are taken apart.
 *
 * @throws {KustomizeError} when something in it is no resource, or it is no YAML.
 * Source: kyaml v0.21, kio/byteio_reader.go; kustomize, api/resource/factory.go.
 */
export function readResources(text: string): Resource[] {
  return readNodes(text).map((node) => new Resource(node))
}

/** As {@link readResources}, without what is remembered of them. */
export function readNodes(text: string): YamlNode[] {
  const nodes = dropBad(parseTexts(text))
  const found: YamlNode[] = []
  // Items of lists come after all else.
  for (let i = 0; i < nodes.length; i += 1) {
    const node = nodes[i]
    if (!node) continue
    const items = textOf(node, 'kind').endsWith('List') ? fieldOf(node, 'items') : undefined
    if (!items) found.push(node)
    else if (items.kind === 'sequence') nodes.push(...dropBad(items.content))
    else if (items.tag !== '!!null') {
      throw new KustomizeError(
        'RESOURCE_INVALID',
        `expected array in ${textOf(node, 'kind')}/items, but found ${goTypeOf(items)}`,
      )
    }
  }
  return found
}

/** @throws {KustomizeError} when something in a text is no resource, or it is no YAML. */
export function expectResources(bytes: Uint8Array): void {
  readNodes(during('MalformedYAMLError', () => decodeYaml(bytes), 'MALFORMED_YAML'))
}

/** @throws {KustomizeError} when `node` has no kind or no name. */
export function expectResource(node: YamlNode): void {
  const kind = fieldOf(node, 'kind')
  const kindText = kind && !isMissingOrNull(kind) ? kind.value : ''
  if (kindText.endsWith('List')) return
  const metadata = fieldOf(node, 'metadata')
  const name = metadata && fieldOf(metadata, 'name')
  const nameText = name && !isMissingOrNull(name) ? name.value : ''
  if (kindText !== '' && nameText !== '') return
  const apiVersion = textOf(node, 'apiVersion')
  const hasMetadata = metadata && !isMissingOrNull(metadata) && metadata.content.length > 0
  if (kindText === '' && apiVersion === '' && !hasMetadata) {
    throw new KustomizeError('RESOURCE_INVALID', 'missing Resource metadata')
  }
  const missing = kindText === '' ? 'kind' : 'metadata.name'
  const type = `{${apiVersion} ${kindText}}`
  const names = `{${nameText} ${metadataText(node, 'namespace')}}`
  const maps = `${goMap(metadataMap(node, 'labels'))} ${goMap(metadataMap(node, 'annotations'))}`
  throw new KustomizeError('RESOURCE_INVALID', `missing ${missing} in object {${type} {${names} ${maps}}}`)
}

/** A map as Go prints it. */
function goMap(map: ReadonlyMap<string, string>): string {
  const keys = [...map.keys()].toSorted(compareUtf8)
  return `map[${keys.map((it) => `${it}:${map.get(it)}`).join(' ')}]`
}

const goTypes: Readonly<Record<string, string>> = {
  '!!int': 'int',
  '!!float': 'float64',
  '!!bool': 'bool',
  '!!timestamp': 'time.Time',
}

/** The type that a node has once Go has decoded it. */
function goTypeOf({ kind, tag }: YamlNode): string {
  return kind === 'mapping' ? 'map[string]interface {}' : (goTypes[tag] ?? 'string')
}

function parseTexts(text: string): YamlNode[] {
  const parts = splitDocuments(text.includes('\r') ? text.replaceAll('\r\n', '\n') : text)
  const nodes: YamlNode[] = []
  for (const part of parts) {
    const node = during('MalformedYAMLError', () => parseDocument(part)?.content[0], 'MALFORMED_YAML')
    if (!node || node.tag === '!!null') continue
    const items = parts.length === 1 ? itemsOfList(node) : undefined
    nodes.push(...(items ?? [node]))
  }
  return nodes.map((it) => (hasAliases(it) ? expandAliases(it) : it))
}

/** A `List` that is alone in its text is taken apart whatever it looks like. */
function itemsOfList(node: YamlNode): readonly YamlNode[] | undefined {
  const kind = textOf(node, 'kind')
  if (kind !== 'List' && kind !== 'ResourceList') return undefined
  const items = fieldOf(node, 'items')
  if (items) return items.content
  return fieldOf(node, 'functionConfig') ? [] : undefined
}

function splitDocuments(text: string): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = text.indexOf('\n---'); at >= 0; at = text.indexOf('\n---', start)) {
    const end = text.indexOf('\n', at + 1)
    if (end < 0) break
    const rest = text.slice(at + 4, end).trim()
    if (rest !== '' && !rest.startsWith('#')) {
      throw new KustomizeError(
        'RESOURCE_INVALID',
        `invalid document separator: ${text.slice(at, end).trim()}`,
      )
    }
    parts.push(text.slice(start, at + 1))
    start = end + 1
  }
  parts.push(text.slice(start))
  return parts
}

function dropBad(nodes: readonly YamlNode[]): YamlNode[] {
  return nodes.filter((node) => {
    const empty = node.tag === '!!null' || (node.kind !== 'scalar' && node.content.length === 0)
    if (!empty) expectResource(node)
    return !empty
  })
}
