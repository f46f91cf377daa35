import { sha256Hex } from '@sluice/go'
import { fieldOf } from '@sluice/merge'
import { type PlainValue, toPlain, type YamlNode } from '@sluice/yaml'
import { lookup } from '../nodes/lookup.ts'
import type { Resource } from '../resource/resource.ts'
import { goJson, goJsonString } from './go-json.ts'
import type { Transformer } from './transformer.ts'

/** Digits that could spell words, by what stands for them. */
const replacements = new Map([
  ['0', 'g'],
  ['1', 'h'],
  ['3', 'k'],
  ['a', 'm'],
  ['e', 't'],
])

/** Adds a hash of their content to the names of the resources that want it. */
export const hashTransformer: Transformer = (resources) => {
  for (const resource of resources.all) {
    if (!resource.needsHash) continue
    const hash = hashOf(resource)
    resource.rememberId()
    resource.setName(`${resource.name}-${hash}`)
  }
  resources.changed()
}

/** Ten characters that depend on the content. */
export function hashOf(resource: Resource): string {
  const hex = sha256Hex(hashedText(resource)).slice(0, 10)
  return hex.replace(/[013ae]/g, (digit) => replacements.get(digit) ?? digit)
}

function hashedText({ node, kind }: Resource): string {
  if (kind === 'ConfigMap') {
    return goJson({
      ...optional('binaryData', objectOf(node, ['binaryData'])),
      data: valueOf(node, ['data']),
      kind,
      name: valueOf(node, ['metadata/name']),
    })
  }
  if (kind === 'Secret') {
    return goJson({
      data: valueOf(node, ['data']),
      kind,
      name: valueOf(node, ['metadata/name']),
      ...optional('stringData', objectOf(node, ['stringData'])),
      type: valueOf(node, ['type']),
    })
  }
  return nodeAsGo(node)
}

/** As kustomize has it, `metadata/name` is the name of a field: it is never there, so that names are not hashed. */
function valueOf(node: YamlNode, path: readonly string[]): PlainValue {
  const field = lookup(node, path)
  if (!field) return ''
  return field.kind === 'scalar' ? field.value : toPlain(field)
}

function objectOf(node: YamlNode, [field = '']: readonly string[]): PlainValue | undefined {
  const value = fieldOf(node, field)
  return value && value.kind === 'mapping' ? toPlain(value) : undefined
}

function optional(name: string, value: PlainValue | undefined): { [name: string]: PlainValue } {
  return value === undefined ? {} : { [name]: value }
}

const goKinds = { document: 1, sequence: 2, mapping: 4, scalar: 8, alias: 16 }
const goStyles = { plain: 0, double: 2, single: 4, literal: 8, folded: 16, flow: 32 }

/** A node as Go's JSON has its struct: any other kind is hashed by its tree. */
function nodeAsGo(node: YamlNode): string {
  const style = goStyles[node.style] | (node.tagged ? 1 : 0)
  const content = node.content.length > 0 ? `[${node.content.map(nodeAsGo).join(',')}]` : 'null'
  const texts = [node.headComment, node.lineComment, node.footComment].map(goJsonString)
  const [head = '', line = '', foot = ''] = texts
  return (
    `{"Kind":${goKinds[node.kind]},"Style":${style},"Tag":${goJsonString(node.tag)},` +
    `"Value":${goJsonString(node.value)},"Anchor":${goJsonString(node.anchor)},"Alias":null,` +
    `"Content":${content},"HeadComment":${head},"LineComment":${line},"FootComment":${foot},` +
    `"Line":${node.line},"Column":${node.column}}`
  )
}
