import { YamlError } from '../yaml-error.ts'
import { parseDocument } from './composer.ts'
import { Emitter } from './emitter.ts'
import type { YamlNode } from './node.ts'
import { parseInteger, resolveTag } from './resolve-tag.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'
import { treeError } from './tree-error.ts'

/** A number as JSON text, so that 64-bit integers keep all digits. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a scalar is once it has gone to JSON. */
export type JsonScalar = string | boolean | null | JsonNumber

/**
 * The value of `node` after go-yaml v3 printed it, read it again and Go made JSON of it, which is how kustomize takes
 * a tree to its output. What that way loses is lost here as well.
 *
 * @throws {YamlError} for what cannot go that way: a tag that its text contradicts, infinity.
 */
export function jsonScalar(node: YamlNode, inFlow: boolean): JsonScalar {
  const { tag, value, style } = node
  if (node.tagged) return taggedScalar(node)
  if (tag === '!!str') return style === 'plain' && !value.includes('\n') ? value : reread(node, inFlow)
  if (style !== 'plain' && (tag === '' || resolveTag(value) === tag)) return reread(node, inFlow)
  if (tag === '' && value.includes('\n')) return reread(node, inFlow)
  // Nothing is written for an empty text, except within flow collections, where it must be quoted.
  if (value === '' && inFlow) return ''
  const resolved = resolveTag(value)
  if (tag === '' || tag === resolved) return resolvedScalar(value, resolved)
  return taggedScalar(node)
}

/**
 * A text after Go wrote it as JSON and go-yaml v2 read that as YAML: a next-line character is a line break there, and
 * folds; controls that JSON leaves as they are are refused.
 *
 * @throws {YamlError} for such a control.
 */
export function throughJson(text: string): string {
  if (!unusual.test(text)) return text
  if (refused.test(text)) throw treeError('YAML_SYNTAX', 0, 'control characters are not allowed')
  return text.replace(/ *\u0085[ \u0085]*/g, (gap) => {
    const breaks = gap.split('\u0085').length - 1
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1)
  })
}

const unusual = /[\u007f-\u009f\ufffe\uffff]/
/** A document marker at the beginning of what becomes a line is refused as well. */
const refused = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]|\u0085(?:---|\.\.\.)[ \u0085]/

function resolvedScalar(value: string, tag: string): JsonScalar {
  switch (tag) {
    case '!!null':
      return null
    case '!!bool':
      return value.toLowerCase() === 'true'
    case '!!int':
      return integer(value)
    case '!!float':
      return float(value)
    case '!!timestamp': {
      const stamp = parseTimestamp(value)
      return stamp ? formatTimestamp(stamp) : value
    }
    default:
      return value
  }
}

/** A scalar whose tag is printed with it and read again. */
function taggedScalar(node: YamlNode): JsonScalar {
  const { tag, value } = node
  if (tag === '!!binary') return decodeBinary(value, node.line)
  if (!['!!bool', '!!int', '!!float', '!!null', '!!timestamp'].includes(tag)) return value
  const resolved = resolveTag(value)
  if (resolved === tag) return resolvedScalar(value, tag)
  if (tag === '!!float' && resolved === '!!int') {
    return new JsonNumber(jsonFloat(Number(integer(value).text)))
  }
  throw treeError('YAML_SYNTAX', 0, `cannot decode ${resolved} \`${value}\` as a ${tag}`)
}

function integer(value: string): JsonNumber {
  if (/^(?:0|-?[1-9]\d{0,17})$/.test(value)) return new JsonNumber(value)
  return new JsonNumber(String(parseInteger(value) ?? value))
}

function float(value: string): JsonNumber {
  if (/^[-+]?\.(?:inf|nan)$/i.test(value)) {
    const name = /nan$/i.test(value) ? 'NaN' : value.startsWith('-') ? '-Inf' : '+Inf'
    throw new YamlError('YAML_INVALID_VALUE', `json: unsupported value: ${name}`)
  }
  return new JsonNumber(jsonFloat(Number(value.replaceAll('_', ''))))
}

/** Texts of several lines that go-yaml may not read as it has written them. */
const fragile = /^[ \t\n\r]|[\r\u0085\u2028\u2029]|\t/

function reread(node: YamlNode, inFlow: boolean): string {
  const { value, style } = node
  if (inFlow || style === 'double' || style === 'single') return value
  if (style !== 'folded' && !fragile.test(value)) return value
  const emitter = new Emitter('v3')
  emitter.put('k:')
  emitter.whitespace = false
  emitter.indention = false
  emitter.indent = 2
  const context = { inFlow, simpleKey: false }
  const wanted = style === 'plain' || style === 'flow' ? 'literal' : style
  emitter.writeScalar(value, emitter.selectStyle(value, wanted, context), true)
  return parseDocument(emitter.text)?.content[0]?.content[1]?.value ?? ''
}

function decodeBinary(value: string, line: number): string {
  const text = value.replace(/[\n\r]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw treeError('YAML_SYNTAX', line, '!!binary value contains invalid base64 data')
  }
  // Bytes that are not UTF-8 become U+FFFD, as Go's JSON has it.
  return new TextDecoder().decode(decodeBase64(text))
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function decodeBase64(text: string): Uint8Array {
  const bytes: number[] = []
  let bits = 0
  let held = 0
  for (const character of text) {
    if (character === '=') break
    held = (held << 6) | base64Digits.indexOf(character)
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return Uint8Array.from(bytes)
}

/** A finite double as Go's encoding/json writes it; JavaScript does so too, but for the sign of zero. */
export function jsonFloat(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
