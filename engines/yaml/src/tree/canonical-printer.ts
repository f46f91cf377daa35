import { formatFloat } from '@sluice/go'
import { compareKeys } from '../print/key-order.ts'
import { YamlError } from '../yaml-error.ts'
import { type JsonNumber, type JsonScalar, jsonScalar, throughJson } from './canonical-scalar.ts'
import { Emitter } from './emitter.ts'
import type { YamlNode } from './node.ts'
import { resolveTag } from './resolve-tag.ts'
import { treeError } from './tree-error.ts'

/** Keys longer than this are written with `?`. */
const maxSimpleKeyLength = 128
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const simpleWord = /^[A-Za-z][A-Za-z0-9_./-]*$/
const context = { inFlow: false, simpleKey: false }
const keyContext = { inFlow: false, simpleKey: true }

/**
 * Prints a mapping as `sigs.k8s.io/yaml` prints the JSON that Go makes of it: keys in order, no comments, anchors or
 * styles of the source, long lines folded at 80 columns. This is what `kustomize build` writes.
 *
 * @throws {YamlError} for what does not survive the way to JSON: a key twice, a key within that is no string,
 *   infinity, a tag that its text contradicts.
 */
export function printCanonical(root: YamlNode): string {
  const emitter = new Emitter('v2')
  const printer = new CanonicalPrinter(emitter)
  printer.printRoot(root)
  return emitter.text
}

class CanonicalPrinter {
  private readonly emitter: Emitter

  constructor(emitter: Emitter) {
    this.emitter = emitter
  }

  printRoot(root: YamlNode): void {
    const { emitter } = this
    const node = contentOf(root)
    if (node.kind === 'mapping') this.printMapping(node, true, 0, false)
    else if (node.kind === 'sequence') this.printSequence(node, 0, false)
    else this.printScalar(jsonScalar(node, false), 0)
    if (emitter.column > 0) emitter.putBreak()
  }

  /** Prints entries at `indent`; the cursor stands where the first key goes, after a `- ` or at a line's start. */
  private printMapping(node: YamlNode, isRoot: boolean, indent: number, inFlow: boolean): void {
    const { emitter } = this
    const flow = inFlow || node.style === 'flow'
    const entries = sortedEntries(node, isRoot)
    if (entries.length === 0) {
      emitter.writeIndicator('{}', true)
      return
    }
    for (const { key, value } of entries) {
      emitter.indent = indent
      emitter.writeIndent()
      if (key.includes('\u0085')) {
        throw treeError('YAML_SYNTAX', 0, `the key ${JSON.stringify(key)} does not survive as JSON`)
      }
      const explicit = this.printKey(throughJson(key), indent)
      this.printValue(value, indent, { flow, explicit })
    }
  }

  /** Whether the key had to be marked with `?`. */
  private printKey(key: string, indent: number): boolean {
    const { emitter } = this
    if (simpleWord.test(key) && key.length <= maxSimpleKeyLength && resolveTag(key, 'v2') === '!!str') {
      emitter.put(key)
      emitter.put(':')
      emitter.whitespace = false
      emitter.indention = false
      return false
    }
    const wanted = wantedStyle(key)
    const length = utf8Length(key)
    if (emitter.isMultiline(key) || length > maxSimpleKeyLength) {
      emitter.put('?')
      emitter.whitespace = false
      emitter.indent = indent + 2
      emitter.writeScalar(key, emitter.selectStyle(key, wanted, context), true)
      emitter.indent = indent
      emitter.writeIndent()
      emitter.put(':')
      emitter.whitespace = false
      return true
    }
    emitter.writeScalar(key, emitter.selectStyle(key, wanted, keyContext), false)
    emitter.put(':')
    emitter.whitespace = false
    emitter.indention = false
    return false
  }

  private printValue(
    node: YamlNode,
    indent: number,
    { flow, explicit }: { flow: boolean; explicit: boolean },
  ): void {
    switch (node.kind) {
      case 'mapping':
        if (explicit && node.content.length > 0) this.goOnInLine()
        return this.printMapping(node, false, indent + 2, flow)
      case 'sequence':
        // Sequences stand at the column of their key.
        if (explicit && node.content.length > 0) this.goOnInLine()
        return this.printSequence(node, explicit ? indent + 2 : indent, flow)
      case 'alias':
        return this.printValue(aliasTarget(node), indent, { flow, explicit })
      case 'scalar':
      case 'document':
        this.printScalar(jsonScalar(node, flow), indent + 2)
    }
  }

  private printSequence(node: YamlNode, indent: number, inFlow: boolean): void {
    const { emitter } = this
    const flow = inFlow || node.style === 'flow'
    if (node.content.length === 0) {
      emitter.writeIndicator('[]', true)
      return
    }
    for (const item of node.content) {
      emitter.indent = indent
      emitter.writeIndent()
      emitter.put('-')
      emitter.whitespace = false
      this.printItem(item, indent, flow)
    }
  }

  private printItem(node: YamlNode, indent: number, flow: boolean): void {
    switch (node.kind) {
      case 'mapping':
      case 'sequence':
        if (node.content.length > 0) this.goOnInLine()
        if (node.kind === 'mapping') this.printMapping(node, false, indent + 2, flow)
        else this.printSequence(node, indent + 2, flow)
        return
      case 'alias':
        return this.printItem(aliasTarget(node), indent, flow)
      case 'scalar':
      case 'document':
        this.printScalar(jsonScalar(node, flow), indent + 2)
    }
  }

  /** A collection begins right after an indicator. */
  private goOnInLine(): void {
    this.emitter.put(' ')
    this.emitter.whitespace = true
  }

  private printScalar(value: JsonScalar, indent: number): void {
    const { emitter } = this
    if (typeof value === 'string') {
      this.printString(throughJson(value), indent)
      return
    }
    emitter.put(' ')
    if (value === null) emitter.put('null')
    else if (typeof value === 'boolean') emitter.put(value ? 'true' : 'false')
    else emitter.put(printNumber(value))
    emitter.whitespace = false
    emitter.indention = false
  }

  private printString(value: string, indent: number): void {
    const { emitter } = this
    emitter.indent = indent
    if (value.length < 40 && simpleWord.test(value) && resolveTag(value, 'v2') === '!!str') {
      emitter.put(' ')
      emitter.put(value)
      emitter.whitespace = false
      emitter.indention = false
      return
    }
    emitter.writeScalar(value, emitter.selectStyle(value, wantedStyle(value), context), true)
  }
}

/** The style that go-yaml v2 asks for a string; what the text allows comes after. */
function wantedStyle(value: string): 'plain' | 'double' | 'literal' {
  if (value.includes('\n')) return 'literal'
  return resolveTag(value, 'v2') === '!!str' && !base60.test(value) ? 'plain' : 'double'
}

/** go-yaml v2 reads the JSON text again: whole numbers of 64 bits keep their digits, others become doubles. */
function printNumber({ text }: JsonNumber): string {
  if (/^-?\d{1,18}$/.test(text)) return text === '-0' ? '0' : text
  if (resolveTag(text, 'v2') === '!!int') return text
  return formatFloat(Number(text), 'g', -1)
}

type Entry = { readonly key: string; readonly value: YamlNode }

/** Entries of a mapping in the order of their keys. */
export function sortedEntries(node: YamlNode, isRoot: boolean): readonly Entry[] {
  const { content } = node
  const entries: Entry[] = []
  for (let i = 0; i + 1 < content.length; i += 2) {
    const [key, value] = [content[i], content[i + 1]]
    if (key && value) entries.push({ key: keyText(key, isRoot), value })
  }
  entries.sort((a, b) => compareKeys(a.key, b.key))
  for (let i = 1; i < entries.length; i += 1) {
    const key = entries[i]?.key ?? ''
    if (entries[i - 1]?.key === key) {
      throw treeError('YAML_DUPLICATE_KEY', 0, `mapping key ${JSON.stringify(key)} already defined`)
    }
  }
  return entries
}

/** Go's generic maps have string keys only where every key is one; the outermost map takes any scalar's text. */
function keyText(key: YamlNode, isRoot: boolean): string {
  const node = key.kind === 'alias' ? aliasTarget(key) : key
  if (node.kind !== 'scalar') {
    throw treeError('YAML_SYNTAX', node.line, 'a collection cannot be a key')
  }
  const { value, style } = node
  if (isRoot || style !== 'plain' || value === '') return value
  const tag = node.tag === '' ? resolveTag(value) : node.tag
  if (tag === '!!str' || tag === '!!merge') return value
  throw new YamlError('YAML_INVALID_VALUE', 'json: unsupported type: map[interface {}]interface {}', {
    line: node.line,
    column: 0,
  })
}

function contentOf(node: YamlNode): YamlNode {
  return node.kind === 'document' ? (node.content[0] ?? node) : node
}

function aliasTarget(node: YamlNode): YamlNode {
  if (!node.alias) throw treeError('YAML_SYNTAX', node.line, 'an alias without its anchor')
  return node.alias
}

function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code < 0x80) length += 1
    else if (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)) length += 2
    else length += 3
  }
  return length
}
