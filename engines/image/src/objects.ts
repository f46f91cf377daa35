import { parseDocuments, YamlError, type YamlNode } from '@sluice/yaml'
import type { ObjectIdentifier } from './changes.ts'

/** Tells the object that a field belongs to, by the index of its document and the path to it. */
export type ObjectFinder = (document: number, path: readonly (string | number)[]) => ObjectIdentifier

/**
 * The objects of a file: its documents, or the items where it is a single list of objects.
 *
 * @throws {YamlError} when it is not YAML, or a document is neither a mapping nor empty
 */
export function objectFinder(text: string): ObjectFinder {
  const roots = parseDocuments(text.replace(/^\ufeff/, '')).map(({ content: [root] }) => root)
  for (const root of roots) {
    if (root && root.kind !== 'mapping' && !(root.kind === 'scalar' && root.tag === '!!null')) {
      throw new YamlError('YAML_INVALID_VALUE', 'a document is no mapping', root)
    }
  }
  const [only] = roots
  const items = roots.length === 1 && isList(only) ? field(only, 'items') : undefined
  return (document, path) => {
    const [first, index] = path
    const inItem = items?.kind === 'sequence' && first === 'items' && typeof index === 'number'
    return identifierOf(inItem ? items.content[index] : roots[document])
  }
}

function isList(root: YamlNode | undefined): boolean {
  const kind = field(root, 'kind')?.value
  return kind === 'List' || kind === 'ResourceList'
}

/** Fields that are not there are empty, as in values files. */
function identifierOf(object: YamlNode | undefined): ObjectIdentifier {
  const metadata = field(object, 'metadata')
  return {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    name: textAt(metadata, 'name'),
    namespace: textAt(metadata, 'namespace'),
  }
}

function textAt(node: YamlNode | undefined, key: string): string {
  const value = field(node, key)
  return value?.kind === 'scalar' && value.tag !== '!!null' ? value.value : ''
}

function field(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node?.kind !== 'mapping') return undefined
  const { content } = node
  for (let i = 0; i < content.length; i += 2) {
    if (content[i]?.value === key) return content[i + 1]
  }
  return undefined
}
