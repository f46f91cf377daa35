import { Emitter, type ScalarStyle } from './emitter.ts'
import { YamlNode } from './node.ts'
import { resolveTag } from './resolve-tag.ts'

/** How {@link printTree} lays out. */
export type PrintOptions = {
  /** Whether sequences in mappings stand two columns in (`wide`) or at their key's column. Default: `compact`. */
  readonly sequenceIndent?: 'compact' | 'wide'
}

/** Where a node stands. */
type Place = {
  readonly inMapping: boolean
  readonly simpleKey: boolean
}

const maxSimpleKeyLength = 128
const inMapping: Place = { inMapping: true, simpleKey: false }
const inSequence: Place = { inMapping: false, simpleKey: false }
const asKey: Place = { inMapping: true, simpleKey: true }

/**
 * Prints a tree as go-yaml v3 does, with comments, styles, tags and anchors, an indentation of two and no folding of
 * long lines: the bytes of kyaml's `String`.
 *
 * Source: go-yaml v3.0.4, encode.go and emitterc.go.
 */
export function printTree(node: YamlNode, options: PrintOptions = {}): string {
  const printer = new TreePrinter(options.sequenceIndent !== 'wide')
  return printer.print(node)
}

class TreePrinter {
  private readonly emitter = new Emitter('v3')
  private readonly compact: boolean
  private flowLevel = 0
  /** Comments that wait for their place, as the events bring them. */
  private head = ''
  private line = ''
  private foot = ''
  private tail = ''
  private keyLine = ''

  constructor(compact: boolean) {
    this.compact = compact
  }

  print(node: YamlNode): string {
    const { emitter } = this
    const isDocument = node.kind === 'document'
    if (isDocument && node.headComment !== '') {
      this.head = node.headComment
      this.writeHead()
      emitter.putBreak()
    }
    const root = isDocument ? node.content[0] : node
    if (root) {
      this.load({ head: root.headComment })
      this.writeHead()
      this.writeNode(withoutHead(root), inSequence)
    }
    emitter.footIndent = 0
    if (isDocument) this.foot = node.footComment || this.foot
    this.writeFoot()
    emitter.footIndent = -1
    emitter.writeIndent()
    return emitter.text
  }

  /** Writes a node and the comments that belong to its place. */
  private writeNode(node: YamlNode, place: Place): void {
    switch (node.kind) {
      case 'alias':
        this.load({ head: node.headComment, line: node.lineComment, foot: node.footComment })
        return this.writeAlias(node)
      case 'scalar':
        this.load({ head: node.headComment, line: node.lineComment, foot: node.footComment })
        return this.writeScalar(node, place)
      case 'sequence':
      case 'mapping':
        this.load({ head: node.headComment })
        return this.writeCollection(node, place)
      case 'document':
        return
    }
  }

  private load({
    head = '',
    line = '',
    foot = '',
    tail = '',
  }: Partial<Record<'head' | 'line' | 'foot' | 'tail', string>>): void {
    if (head !== '') this.head = head
    if (line !== '') this.line = line
    if (foot !== '') this.foot = foot
    if (tail !== '') this.tail = tail
  }

  private writeAlias(node: YamlNode): void {
    this.emitter.writeIndicator(`*${node.value}`, true)
    this.endOfNode()
  }

  private writeScalar(node: YamlNode, place: Place): void {
    const { emitter } = this
    const { tag, style } = scalarForm(node)
    const context = { inFlow: this.flowLevel > 0, simpleKey: place.simpleKey }
    const chosen = emitter.selectStyle(node.value, style, context)
    this.writeProperties(node, tag)
    const { indent } = emitter
    emitter.indent = indent < 0 ? 2 : indent + 2
    if (chosen === 'literal' || chosen === 'folded') {
      emitter.writeBlockHeader(node.value, chosen)
      this.writeLine(true)
      emitter.writeBlock(node.value, chosen)
    } else {
      emitter.writeScalar(node.value, chosen, !place.simpleKey)
    }
    emitter.indent = indent
    if (!place.simpleKey) this.endOfNode()
  }

  private endOfNode(): void {
    if (this.flowLevel > 0) return
    this.writeLine(false)
    this.writeFoot()
  }

  private writeProperties(node: YamlNode, tag: string): void {
    if (node.anchor !== '') this.emitter.writeIndicator(`&${node.anchor}`, true)
    if (tag !== '') this.emitter.writeIndicator(printTag(tag), true)
  }

  private writeCollection(node: YamlNode, place: Place): void {
    const defaultTag = node.kind === 'mapping' ? '!!map' : '!!seq'
    this.writeProperties(node, !node.tagged && (node.tag === defaultTag || node.tag === '') ? '' : node.tag)
    if (this.flowLevel > 0 || node.style === 'flow' || node.content.length === 0) {
      if (node.kind === 'mapping') this.writeFlowMapping(node)
      else this.writeFlowSequence(node)
      return
    }
    this.endOfNode()
    if (node.kind === 'mapping') this.writeBlockMapping(node)
    else this.writeBlockSequence(node, place)
  }

  private writeBlockSequence(node: YamlNode, place: Place): void {
    const { emitter } = this
    const { indent } = emitter
    const compact = place.inMapping && (emitter.column === 0 || !emitter.indention) && this.compact
    emitter.indent = indent < 0 ? 0 : compact ? indent : indent + 2
    for (const item of node.content) {
      this.load({ head: item.headComment })
      this.writeHead()
      emitter.writeIndent()
      this.indicator('-')
      this.writeNode(withoutHead(item), inSequence)
    }
    this.load({ line: node.lineComment, foot: node.footComment })
    emitter.indent = indent
  }

  private writeBlockMapping(node: YamlNode): void {
    const { emitter } = this
    const { indent } = emitter
    emitter.indent = indent < 0 ? 0 : indent + 2
    let tail = ''
    for (let i = 0; i + 1 < node.content.length; i += 2) {
      const [key, value] = [node.content[i], node.content[i + 1]]
      if (!key || !value) continue
      this.load({ head: key.headComment, line: key.lineComment, tail })
      tail = key.footComment
      this.writeHead()
      emitter.writeIndent()
      if (this.line !== '') {
        this.keyLine = this.line
        this.line = ''
      }
      this.writeEntry(key, value)
    }
    this.load({ tail, line: node.lineComment, foot: node.footComment })
    this.writeHead()
    emitter.indent = indent
  }

  private writeEntry(key: YamlNode, value: YamlNode): void {
    const { emitter } = this
    if (this.isSimpleKey(key)) {
      this.writeKey(key, asKey)
      emitter.writeIndicator(':', false)
    } else {
      this.indicator('?')
      this.writeKey(key, inMapping)
      emitter.writeIndent()
      this.indicator(':')
    }
    this.load({ head: value.headComment, line: value.kind === 'scalar' ? value.lineComment : '' })
    if (this.keyLine !== '') {
      if (value.kind === 'scalar') {
        if (this.line === '') {
          this.line = this.keyLine
          this.keyLine = ''
        }
      } else if (value.style !== 'flow' && value.kind !== 'alias') {
        ;[this.line, this.keyLine] = [this.keyLine, this.line]
        this.writeLine(false)
        ;[this.line, this.keyLine] = [this.keyLine, this.line]
      }
    }
    this.writeNode(value, inMapping)
  }

  /** A key without its comments, which are the entry's. */
  private writeKey(key: YamlNode, place: Place): void {
    const bare = shallowCopy(key)
    bare.headComment = ''
    bare.lineComment = ''
    bare.footComment = ''
    this.writeNode(bare, place)
  }

  private isSimpleKey(key: YamlNode): boolean {
    const length = key.value.length + key.anchor.length
    if (length > maxSimpleKeyLength) return false
    if (key.kind === 'scalar') return !this.emitter.isMultiline(key.value)
    return key.kind === 'alias' || key.content.length === 0
  }

  private writeFlowSequence(node: YamlNode): void {
    const { emitter } = this
    const indent = this.openFlow('[')
    let trailing = true
    for (const item of node.content) {
      if (!trailing) emitter.writeIndicator(',', false)
      trailing = this.writeFlowItem(item)
    }
    this.load({ line: node.lineComment, foot: node.footComment })
    this.closeFlow(']', indent)
  }

  private writeFlowMapping(node: YamlNode): void {
    const { emitter } = this
    const indent = this.openFlow('{')
    let trailing = true
    let tail = ''
    for (let i = 0; i + 1 < node.content.length; i += 2) {
      const [key, value] = [node.content[i], node.content[i + 1]]
      if (!key || !value) continue
      if (!trailing) emitter.writeIndicator(',', false)
      this.load({ head: key.headComment, line: key.lineComment, tail })
      tail = key.footComment
      this.writeHead()
      if (emitter.column === 0) emitter.writeIndent()
      const simple = this.isSimpleKey(key)
      if (!simple) this.indicator('?')
      this.writeKey(key, simple ? asKey : inMapping)
      emitter.writeIndicator(':', !simple)
      trailing = this.writeFlowNode(value, inMapping)
    }
    this.load({ line: node.lineComment, foot: node.footComment, tail })
    const comments = this.head + this.foot + this.tail
    if (comments !== '' && !trailing) emitter.writeIndicator(',', false)
    this.writeHead()
    this.closeFlow('}', indent)
  }

  private writeFlowItem(item: YamlNode): boolean {
    const { emitter } = this
    this.load({ head: item.headComment })
    this.writeHead()
    if (emitter.column === 0) emitter.writeIndent()
    return this.writeFlowNode(withoutHead(item), inSequence)
  }

  /** Writes a node and, if comments follow it, the comma before them; whether it did. */
  private writeFlowNode(node: YamlNode, place: Place): boolean {
    const isLeaf = node.kind === 'scalar' || node.kind === 'alias'
    // Comments after a collection come behind its bracket.
    if (isLeaf) this.load({ line: node.lineComment, foot: node.footComment })
    const trailing = this.line !== '' || this.foot !== '' || this.tail !== ''
    this.writeNode(node, place)
    if (isLeaf && trailing) {
      this.emitter.writeIndicator(',', false)
      this.writeLine(false)
      this.writeFoot()
    }
    return trailing
  }

  private openFlow(bracket: string): number {
    const { emitter } = this
    emitter.writeIndicator(bracket, true)
    emitter.whitespace = true
    const { indent } = emitter
    emitter.indent = indent < 0 ? 2 : indent + 2
    this.flowLevel += 1
    return indent
  }

  private closeFlow(bracket: string, indent: number): void {
    const { emitter } = this
    this.flowLevel -= 1
    emitter.indent = indent
    // A closing brace stays at the line's start after a comment, as go-yaml has it.
    if (emitter.column === 0 && bracket === ']') emitter.writeIndent()
    emitter.writeIndicator(bracket, false)
    this.writeLine(false)
    this.writeFoot()
  }

  /** An indicator after which a block may go on in the same line. */
  private indicator(text: string): void {
    const { emitter } = this
    const { indention } = emitter
    emitter.writeIndicator(text, true)
    emitter.indention = indention
  }

  private writeHead(): void {
    const { emitter } = this
    if (this.tail !== '') {
      emitter.writeIndent()
      this.writeComment(this.tail)
      this.tail = ''
      emitter.footIndent = Math.max(emitter.indent, 0)
    }
    if (this.head === '') return
    emitter.writeIndent()
    this.writeComment(this.head)
    this.head = ''
  }

  private writeLine(breakAnyway: boolean): void {
    const { emitter } = this
    if (this.line === '') {
      if (breakAnyway) emitter.putBreak()
      return
    }
    if (!emitter.whitespace) emitter.put(' ')
    this.writeComment(this.line)
    this.line = ''
  }

  private writeFoot(): void {
    const { emitter } = this
    if (this.foot === '') return
    emitter.writeIndent()
    this.writeComment(this.foot)
    this.foot = ''
    emitter.footIndent = Math.max(emitter.indent, 0)
  }

  private writeComment(comment: string): void {
    const { emitter } = this
    const lines = comment.split('\n')
    for (const [i, line] of lines.entries()) {
      if (i > 0) emitter.putBreak()
      if (line === '') continue
      if (i > 0) emitter.writeIndent()
      emitter.put(line.startsWith('#') ? line : `# ${line}`)
      emitter.indention = false
    }
    if (lines.at(-1) !== '') emitter.putBreak()
    emitter.whitespace = true
  }
}

/** The tag to be written, and the style that the node asks for. */
function scalarForm(node: YamlNode): { tag: string; style: ScalarStyle } {
  const { value } = node
  let { tag } = node
  let forced = false
  const asked = node.style === 'flow' ? 'plain' : node.style
  if (tag !== '' && !node.tagged) {
    const resolved = resolveTag(value)
    if ((tag === '!!str' && asked !== 'plain') || resolved === tag) {
      tag = ''
    } else if (tag === '!!str') {
      tag = ''
      forced = true
    }
  }
  if (asked !== 'plain') return { tag, style: asked }
  if (value.includes('\n')) return { tag, style: 'literal' }
  return { tag, style: forced ? 'double' : 'plain' }
}

function printTag(tag: string): string {
  return tag.startsWith('!') ? tag : `!<${tag}>`
}

function withoutHead(node: YamlNode): YamlNode {
  if (node.headComment === '') return node
  const bare = shallowCopy(node)
  bare.headComment = ''
  return bare
}

function shallowCopy(node: YamlNode): YamlNode {
  const copy = new YamlNode(node.kind, node.tag)
  copy.assign(node)
  return copy
}
