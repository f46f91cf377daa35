import { parseYaml } from '../read/read.ts'
import { expandAliases } from './aliases.ts'
import { jsonFloat } from './canonical-scalar.ts'
import { type ParseOptions, parseDocument } from './composer.ts'
import type { YamlNode } from './node.ts'
import type { PlainValue } from './plain.ts'
import { parseInteger, resolveTag } from './resolve-tag.ts'
import { treeError } from './tree-error.ts'

const trueWords = new Set(['y', 'yes', 'on', 'true'])

/**
 * The first document of `text` as `sigs.k8s.io/yaml` makes JSON of it: with YAML 1.1's booleans, the last of two equal
 * keys, and all keys as strings. Objects have no prototype. An empty text is null.
 *
 * @throws {YamlError} when it is no YAML or cannot be JSON.
 */
export function parsePlain(text: string, options: ParseOptions = {}): PlainValue {
  try {
    const root = parseDocument(text, options)?.content[0]
    return root ? plainOf(expandAliases(root)) : null
  } catch (error) {
    // The reader of version 2 words its errors and counts their lines in its own way.
    parseYaml(text)
    throw error
  }
}

function plainOf(node: YamlNode): PlainValue {
  switch (node.kind) {
    case 'mapping': {
      const object: { [key: string]: PlainValue } = Object.create(null)
      for (let i = 0; i + 1 < node.content.length; i += 2) {
        const [key, value] = [node.content[i], node.content[i + 1]]
        if (key && value) object[keyOf(key)] = plainOf(value)
      }
      return object
    }
    case 'sequence':
      return node.content.map(plainOf)
    case 'scalar':
      return scalarOf(node)
    case 'alias':
    case 'document':
      return null
  }
}

function scalarOf(node: YamlNode): PlainValue {
  const { value, style, tag } = node
  if (node.tagged ? tag === '!!str' || !tag.startsWith('!!') : style !== 'plain') return value
  switch (resolveTag(value, 'v2')) {
    case '!!null':
      return null
    case '!!bool':
      return trueWords.has(value.toLowerCase())
    case '!!int':
      return Number(parseInteger(value) ?? value)
    case '!!float': {
      const number = Number(value.replaceAll('_', ''))
      if (Number.isFinite(number)) return number
      throw treeError('YAML_SYNTAX', node.line, `${value} is not a JSON number`)
    }
    case '!!str':
    case '!!timestamp':
    case '!!merge':
      return value
  }
}

function keyOf(node: YamlNode): string {
  if (node.kind !== 'scalar') {
    throw treeError('YAML_SYNTAX', node.line, 'a collection cannot be a key')
  }
  const key = scalarOf(node)
  if (key === null) throw treeError('YAML_SYNTAX', node.line, 'null cannot be a key')
  if (typeof key === 'number') return jsonFloat(key)
  return typeof key === 'string' ? key : String(key === true)
}
