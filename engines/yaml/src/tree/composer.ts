import { type Mark, syntaxError } from '../scan/cursor.ts'
import type { Token } from '../scan/token.ts'
import * as kinds from '../scan/token.ts'
import { firstUnprintable } from './cursor.ts'
import { YamlNode } from './node.ts'
import { resolveTag } from './resolve-tag.ts'
import { Scanner } from './scanner.ts'
import { treeError } from './tree-error.ts'

/** Bounds of a tree read from a text. */
export type ParseOptions = {
  /** Deepest nesting of collections. Default: 1000. */
  readonly maxDepth?: number
  /** Longest text, in UTF-16 units. Default: 64 Mi. */
  readonly maxLength?: number
}

const defaultMaxDepth = 1_000
const defaultMaxLength = 64 * 1024 * 1024
const longTagPrefix = 'tag:yaml.org,2002:'
const defaultHandles: ReadonlyMap<string, string> = new Map([
  ['!', '!'],
  ['!!', longTagPrefix],
])

/** All documents of a stream. @throws {YamlError} for what go-yaml refuses, and beyond the bounds. */
export function parseDocuments(text: string, options: ParseOptions = {}): YamlNode[] {
  const composer = new Composer(text, options)
  const documents: YamlNode[] = []
  for (let it = composer.next(); it; it = composer.next()) documents.push(it)
  return documents
}

/**
 * The first document of a stream, as Go's `yaml.Unmarshal` and a single `Decode` read it; `undefined` where there is
 * none. What follows it is not looked at.
 */
export function parseDocument(text: string, options: ParseOptions = {}): YamlNode | undefined {
  return new Composer(text, options).next()
}

/** Builds the node tree from tokens, in the order in which go-yaml's parser sees them: comments depend on it. */
class Composer {
  private readonly scanner: Scanner
  private readonly anchors = new Map<string, YamlNode>()
  private handles = defaultHandles
  private stem = ''
  private first = true

  constructor(text: string, options: ParseOptions) {
    const { maxDepth = defaultMaxDepth, maxLength = defaultMaxLength } = options
    if (text.length > maxLength) {
      throw treeError('YAML_LIMIT', 0, `text is longer than ${maxLength} characters`)
    }
    const unprintable = firstUnprintable(text)
    if (unprintable >= 0) {
      throw treeError('YAML_SYNTAX', 0, 'control characters are not allowed')
    }
    this.scanner = new Scanner(text, maxDepth)
  }

  next(): YamlNode | undefined {
    const { scanner } = this
    let token = scanner.peek()
    while (!this.first && token.kind === kinds.DOCUMENT_END) token = this.advance()
    if (token.kind === kinds.STREAM_END) return undefined
    const document = new YamlNode('document', '')
    document.line = token.line + 1
    document.column = token.column + 1
    this.anchors.clear()
    const explicit = token.kind === kinds.DIRECTIVE || token.kind === kinds.DOCUMENT_START
    if (explicit) {
      this.readDirectives()
      if (scanner.peek().kind !== kinds.DOCUMENT_START) this.fail('did not find expected <document start>')
      scanner.skip()
    } else if (this.first) {
      document.headComment = this.takeDocumentHead()
    } else {
      // Only the first document may do without its marker.
      this.fail('did not find expected <document start>')
    }
    this.first = false
    document.content.push(this.composeContent(explicit))
    if (scanner.peek().kind === kinds.DOCUMENT_END) scanner.skip()
    this.handles = defaultHandles
    const { comments } = scanner
    document.footComment = comments.foot === '' ? comments.head : comments.foot
    this.clearComments()
    return document
  }

  private composeContent(explicit: boolean): YamlNode {
    const token = this.scanner.peek()
    const { kind } = token
    const empty =
      kind === kinds.DIRECTIVE ||
      kind === kinds.DOCUMENT_START ||
      kind === kinds.DOCUMENT_END ||
      kind === kinds.STREAM_END
    return explicit && empty ? emptyScalar(token) : this.composeNode(true, false)
  }

  private readDirectives(): void {
    const handles = new Map<string, string>()
    let version = false
    for (let token = this.scanner.peek(); ; token = this.advance()) {
      const directive = this.scanner.directiveOf(token)
      if (!directive) break
      if (directive.kind === 'tag') {
        if (handles.has(directive.handle)) this.fail('found duplicate %TAG directive')
        handles.set(directive.handle, directive.prefix)
      } else {
        if (version) this.fail('found duplicate %YAML directive')
        const { major, minor } = directive
        if (major !== 1 || (minor !== 1 && minor !== 2)) this.fail('found incompatible YAML document')
        version = true
      }
    }
    this.handles = new Map([...defaultHandles, ...handles])
  }

  /** The comment above the last empty line before the first node is the document's. */
  private takeDocumentHead(): string {
    const { comments } = this.scanner
    const { head } = comments
    for (let i = head.length - 1; i > 0; i -= 1) {
      if (head[i] !== '\n') continue
      const last = i === head.length - 1
      if (!last && head[i - 1] !== '\n') continue
      comments.head = head.slice(i + 1)
      return head.slice(0, last ? i : i - 1)
    }
    return ''
  }

  /** @param indentless whether a sequence may stand at its parent's column */
  private composeNode(block: boolean, indentless: boolean): YamlNode {
    const { scanner } = this
    const start = scanner.peek()
    if (start.kind === kinds.ALIAS) return this.composeAlias(start)
    const { token, anchor, tag } =
      start.kind === kinds.ANCHOR || start.kind === kinds.TAG
        ? this.readProperties(start)
        : { token: start, anchor: '', tag: '' }
    const node = this.composeValue(token, { block, indentless, anchor, tag })
    if (node) {
      node.line = start.line + 1
      node.column = start.column + 1
      return node
    }
    if (anchor === '' && tag === '') this.fail('did not find expected node content', start)
    const empty = newNode('scalar', tag, start)
    if (empty.tag === '') empty.tag = '!!null'
    this.remember(empty, anchor)
    return empty
  }

  private composeValue(
    token: Token,
    { block, indentless, anchor, tag }: { block: boolean; indentless: boolean; anchor: string; tag: string },
  ): YamlNode | undefined {
    const { kind } = token
    if (kind === kinds.SCALAR) return this.composeScalar(token, anchor, tag)
    const properties = { anchor, tag }
    if (kind === kinds.FLOW_SEQUENCE_START) {
      return this.composeFlowSequence(this.startFlow('sequence', token, properties))
    }
    if (kind === kinds.FLOW_MAPPING_START) {
      return this.composeFlowMapping(this.startFlow('mapping', token, properties))
    }
    if (kind === kinds.BLOCK_ENTRY && indentless) {
      return this.composeIndentlessSequence(this.startBlock('sequence', token, properties))
    }
    if (kind === kinds.BLOCK_SEQUENCE_START && block) {
      return this.composeBlockSequence(this.startBlock('sequence', token, properties))
    }
    if (kind === kinds.BLOCK_MAPPING_START && block) {
      return this.composeBlockMapping(this.startBlock('mapping', token, properties))
    }
    return undefined
  }

  private readProperties(first: Token): { token: Token; anchor: string; tag: string } {
    let anchor = ''
    let tag = ''
    let token = first
    for (let seen = 0; seen < 2; seen += 1) {
      if (token.kind === kinds.ANCHOR && anchor === '') anchor = token.value
      else if (token.kind === kinds.TAG && tag === '') tag = this.expandTag(token, first)
      else break
      token = this.advance()
    }
    return { token, anchor, tag }
  }

  private expandTag({ handle, value }: Token, start: Token): string {
    if (handle === '') return value
    const prefix = this.handles.get(handle)
    if (prefix === undefined) this.fail('found undefined tag handle', start)
    return prefix + value
  }

  private composeAlias(token: Token): YamlNode {
    const node = newNode('alias', '', token)
    node.value = token.value
    node.alias = this.anchors.get(token.value)
    if (!node.alias) {
      throw treeError('YAML_SYNTAX', 0, `unknown anchor '${token.value}' referenced`)
    }
    this.takeComments(node)
    this.scanner.skip()
    return node
  }

  private composeScalar(token: Token, anchor: string, tag: string): YamlNode {
    const node = newNode('scalar', tag, token)
    node.value = token.value
    node.style = token.style
    if (node.tag === '') node.tag = defaultScalarTag(token)
    this.remember(node, anchor)
    this.takeComments(node)
    this.scanner.skip()
    return node
  }

  private startFlow(
    kind: 'sequence' | 'mapping',
    token: Token,
    properties: { anchor: string; tag: string },
  ): YamlNode {
    const node = this.startCollection(kind, token, properties)
    node.style = 'flow'
    this.takeComments(node)
    return node
  }

  private startBlock(
    kind: 'sequence' | 'mapping',
    token: Token,
    properties: { anchor: string; tag: string },
  ): YamlNode {
    const node = this.startCollection(kind, token, properties)
    if (token.kind !== kinds.BLOCK_ENTRY && this.stem !== '') {
      node.headComment = this.stem
      this.stem = ''
    }
    return node
  }

  private startCollection(
    kind: 'sequence' | 'mapping',
    token: Token,
    { anchor, tag }: { anchor: string; tag: string },
  ): YamlNode {
    const node = newNode(kind, tag, token)
    if (node.tag === '') node.tag = kind === 'sequence' ? '!!seq' : '!!map'
    this.remember(node, anchor)
    return node
  }

  private composeBlockSequence(node: YamlNode): YamlNode {
    let token = this.advance()
    while (token.kind === kinds.BLOCK_ENTRY) {
      const next = this.advanceEntry()
      const empty = next.kind === kinds.BLOCK_ENTRY || next.kind === kinds.BLOCK_END
      node.content.push(empty ? emptyScalar(token, 1) : this.composeNode(true, false))
      token = this.scanner.peek()
    }
    if (token.kind !== kinds.BLOCK_END) this.fail("did not find expected '-' indicator", placeOf(node))
    this.scanner.skip()
    return node
  }

  private composeIndentlessSequence(node: YamlNode): YamlNode {
    let token = this.scanner.peek()
    while (token.kind === kinds.BLOCK_ENTRY) {
      const next = this.advanceEntry()
      const empty =
        next.kind === kinds.BLOCK_ENTRY ||
        next.kind === kinds.KEY ||
        next.kind === kinds.VALUE ||
        next.kind === kinds.BLOCK_END
      node.content.push(empty ? emptyScalar(token, 1) : this.composeNode(true, false))
      token = this.scanner.peek()
    }
    return node
  }

  /** Passes a `-`. The head comment above it moves aside for a collection that begins right after it. */
  private advanceEntry(): Token {
    const { scanner } = this
    const { comments } = scanner
    const stem = comments.head
    const token = this.advance()
    if (
      stem !== '' &&
      (token.kind === kinds.BLOCK_SEQUENCE_START || token.kind === kinds.BLOCK_MAPPING_START)
    ) {
      this.stem = stem
      comments.head = comments.head.slice(stem.length + 1)
    }
    return token
  }

  private composeBlockMapping(node: YamlNode): YamlNode {
    const { content } = node
    let token = this.advance()
    while (token.kind === kinds.KEY) {
      const key = this.composeBlockKey(token)
      content.push(key)
      if (key.footComment !== '' && content.length > 1) {
        // Dedented: it is the foot of the entry before.
        const before = content[content.length - 3]
        if (before) {
          before.footComment = key.footComment
          key.footComment = ''
        }
      }
      const value = this.composeBlockValue()
      content.push(value)
      if (key.footComment === '' && value.footComment !== '') {
        key.footComment = value.footComment
        value.footComment = ''
      }
      token = this.scanner.peek()
    }
    if (token.kind !== kinds.BLOCK_END) this.fail('did not find expected key', placeOf(node))
    this.endMapping(node)
    return node
  }

  private composeBlockKey(token: Token): YamlNode {
    const next = this.advance()
    const empty = next.kind === kinds.KEY || next.kind === kinds.VALUE || next.kind === kinds.BLOCK_END
    return empty ? emptyScalar(token, 1) : this.composeNode(true, true)
  }

  private composeBlockValue(): YamlNode {
    const token = this.scanner.peek()
    if (token.kind !== kinds.VALUE) return emptyScalar(token)
    const next = this.advance()
    const empty = next.kind === kinds.KEY || next.kind === kinds.VALUE || next.kind === kinds.BLOCK_END
    return empty ? emptyScalar(token, 1) : this.composeNode(true, true)
  }

  private composeFlowSequence(node: YamlNode): YamlNode {
    let token = this.advance()
    while (token.kind !== kinds.FLOW_SEQUENCE_END) {
      if (token.kind === kinds.KEY) node.content.push(this.composeFlowPair(token))
      else node.content.push(this.composeNode(false, false))
      token = this.nextFlowEntry(kinds.FLOW_SEQUENCE_END, "did not find expected ',' or ']'", node)
    }
    this.takeEndComments(node)
    this.scanner.skip()
    return node
  }

  /** `key: value` within a flow sequence is a mapping of one entry. */
  private composeFlowPair(start: Token): YamlNode {
    const node = newNode('mapping', '', start)
    node.tag = '!!map'
    node.style = 'flow'
    const keyToken = this.advance()
    if (keyToken.kind === kinds.VALUE || endsFlowEntry(keyToken)) node.content.push(emptyScalar(keyToken))
    else node.content.push(this.composeNode(false, false))
    const token = this.scanner.peek()
    const valueToken = token.kind === kinds.VALUE ? this.advance() : token
    const hasValue = token.kind === kinds.VALUE && !endsFlowEntry(valueToken)
    node.content.push(hasValue ? this.composeNode(false, false) : emptyScalar(valueToken))
    return node
  }

  private composeFlowMapping(node: YamlNode): YamlNode {
    let token = this.advance()
    while (token.kind !== kinds.FLOW_MAPPING_END) {
      let hasValue = false
      if (token.kind === kinds.KEY) {
        const keyToken = this.advance()
        const empty = keyToken.kind === kinds.VALUE || endsFlowEntry(keyToken)
        node.content.push(empty ? emptyScalar(keyToken) : this.composeNode(false, false))
        if (this.scanner.peek().kind === kinds.VALUE) hasValue = !endsFlowEntry(this.advance())
      } else {
        node.content.push(this.composeNode(false, false))
      }
      const value = hasValue ? this.composeNode(false, false) : emptyScalar(this.scanner.peek())
      const key = node.content.at(-1)
      node.content.push(value)
      if (key && key.footComment === '') {
        key.footComment = value.footComment
        value.footComment = ''
      }
      token = this.nextFlowEntry(kinds.FLOW_MAPPING_END, "did not find expected ',' or '}'", node)
    }
    this.endMapping(node)
    return node
  }

  private nextFlowEntry(end: number, problem: string, collection: YamlNode): Token {
    const token = this.scanner.peek()
    if (token.kind === kinds.FLOW_ENTRY) return this.advance()
    if (token.kind !== end) this.fail(problem, placeOf(collection))
    return token
  }

  private endMapping(node: YamlNode): void {
    this.takeEndComments(node)
    if (node.style !== 'flow' && node.footComment !== '' && node.content.length > 1) {
      const lastKey = node.content[node.content.length - 2]
      if (lastKey) {
        lastKey.footComment = node.footComment
        node.footComment = ''
      }
    }
    this.scanner.skip()
  }

  private takeEndComments(node: YamlNode): void {
    const { comments } = this.scanner
    node.lineComment = comments.line
    node.footComment = comments.foot
    this.clearComments()
  }

  private takeComments(node: YamlNode): void {
    const { comments } = this.scanner
    node.headComment = comments.head
    node.lineComment = comments.line
    node.footComment = comments.foot
    this.clearComments()
  }

  private clearComments(): void {
    const { comments } = this.scanner
    comments.head = ''
    comments.line = ''
    comments.foot = ''
    this.stem = ''
  }

  private remember(node: YamlNode, anchor: string): void {
    if (anchor === '') return
    node.anchor = anchor
    this.anchors.set(anchor, node)
  }

  private advance(): Token {
    this.scanner.skip()
    return this.scanner.peek()
  }

  /**
   * Lines of errors of the grammar are counted from 0, and the first is not named.
   *
   * @param context where the construct began that could not be finished, unless that is the first line
   */
  private fail(problem: string, context?: { readonly line: number }, at: Mark = this.scanner.peek()): never {
    throw syntaxError(context?.line || at.line, at, problem)
  }
}

function newNode(kind: YamlNode['kind'], tag: string, { line, column }: Mark): YamlNode {
  const node = new YamlNode(kind, '')
  if (tag !== '' && tag !== '!') {
    node.tag = tag.startsWith(longTagPrefix) ? `!!${tag.slice(longTagPrefix.length)}` : tag
    node.tagged = true
  }
  node.line = line + 1
  node.column = column + 1
  return node
}

/** Where the token of a collection that is being read stands; lines count from 0. */
function placeOf({ line }: YamlNode): { readonly line: number } {
  return { line: line - 1 }
}

function endsFlowEntry({ kind }: Token): boolean {
  return kind === kinds.FLOW_ENTRY || kind === kinds.FLOW_SEQUENCE_END || kind === kinds.FLOW_MAPPING_END
}

function emptyScalar(at: Mark, width = 0): YamlNode {
  const node = new YamlNode('scalar', '!!null')
  node.line = at.line + 1
  node.column = at.column + 1 + width
  return node
}

function defaultScalarTag({ style, value }: Token): string {
  if (style !== 'plain') return '!!str'
  return value === '<<' ? '!!merge' : resolveTag(value)
}
