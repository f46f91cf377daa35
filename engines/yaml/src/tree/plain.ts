import { formatFloat } from '@sluice/go'
import { sortedEntries } from './canonical-printer.ts'
import { JsonNumber, jsonScalar } from './canonical-scalar.ts'
import { Emitter } from './emitter.ts'
import { YamlNode } from './node.ts'
import { resolveTag } from './resolve-tag.ts'

/** A JSON value with plain objects; keys are own properties, `__proto__` included. */
export type PlainValue = null | boolean | number | string | PlainValue[] | { [key: string]: PlainValue }

/**
 * A tree as JSON, with what {@link printCanonical} prints. Integers beyond 2^53 lose digits.
 *
 * @throws {YamlError} as {@link printCanonical} does.
 */
export function toPlain(node: YamlNode): PlainValue {
  return plainOf(node.kind === 'document' ? (node.content[0] ?? node) : node, true, false)
}

/** A tree of a JSON value, quoted where go-yaml v3 quotes. */
export function fromPlain(value: PlainValue): YamlNode {
  if (value === null) return new YamlNode('scalar', '!!null', 'null')
  if (typeof value === 'boolean') return new YamlNode('scalar', '!!bool', String(value))
  if (typeof value === 'number') return numberNode(value)
  if (typeof value === 'string') return stringNode(value)
  const isList = Array.isArray(value)
  const node = new YamlNode(isList ? 'sequence' : 'mapping', isList ? '!!seq' : '!!map')
  if (isList) {
    for (const item of value) node.content.push(fromPlain(item))
  } else {
    for (const [key, item] of Object.entries(value)) node.content.push(stringNode(key), fromPlain(item))
  }
  if (node.content.length === 0) node.style = 'flow'
  return node
}

function plainOf(node: YamlNode, isRoot: boolean, inFlow: boolean): PlainValue {
  const flow = inFlow || node.style === 'flow'
  switch (node.kind) {
    case 'mapping': {
      const object: { [key: string]: PlainValue } = {}
      for (const { key, value } of sortedEntries(node, isRoot)) {
        const plain = plainOf(value, false, flow)
        if (key === '__proto__') defineOwn(object, key, plain)
        else object[key] = plain
      }
      return object
    }
    case 'sequence':
      return node.content.map((it) => plainOf(it, false, flow))
    case 'alias':
      return node.alias ? plainOf(node.alias, isRoot, inFlow) : null
    case 'scalar':
    case 'document': {
      const value = jsonScalar(node, inFlow)
      return value instanceof JsonNumber ? Number(value.text) : value
    }
  }
}

function defineOwn(object: object, key: string, value: PlainValue): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

function numberNode(value: number): YamlNode {
  const text = formatFloat(value, 'g', -1)
  return new YamlNode('scalar', resolveTag(text), text)
}

const oldBoolean = /^(?:y|yes|on|n|no|off)$/i
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

function stringNode(value: string): YamlNode {
  const node = new YamlNode('scalar', '!!str', value)
  const ambiguous = resolveTag(value) !== '!!str' || oldBoolean.test(value) || base60.test(value)
  const wanted = value.includes('\n') ? 'literal' : ambiguous ? 'double' : 'plain'
  node.style = new Emitter('v3').selectStyle(value, wanted, { inFlow: false, simpleKey: false })
  return node
}
