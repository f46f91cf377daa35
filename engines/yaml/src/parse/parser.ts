import { type Mark, parserError } from '../scan/cursor.ts'
import { Scanner } from '../scan/scanner.ts'
import type { ScalarStyle, Token } from '../scan/token.ts'
import * as tokens from '../scan/token.ts'
import * as events from './events.ts'

const coreTagPrefix = 'tag:yaml.org,2002:'

type State = (parser: Parser) => number

/**
 * Turns tokens into events. `next` says which kind of event is next; the fields tell about it until the next call.
 *
 * Source: the productions of YAML 1.1 as libyaml reads them, with its error messages.
 */
export class Parser {
  /** Text of a scalar or name of an alias. */
  value = ''
  anchor = ''
  /** Full form, such as `tag:yaml.org,2002:str`; empty when there is none. */
  tag = ''
  style: ScalarStyle | 'block' | 'flow' = 'plain'
  /** Whether a scalar is plain and may be resolved by its text, or a collection has no tag. */
  implicit = false
  /** Whether a document begins with `---`. */
  explicitStart = false
  /** Offsets of the node's own text, anchors and tags left out. */
  start = 0
  end = 0
  /** Line and column of the event, from 0. */
  line = 0
  column = 0

  readonly scanner: Scanner
  #state: State = documentStartFirst
  readonly #states: State[] = []
  readonly #marks: Token[] = []
  readonly #handles = new Map<string, string>()

  constructor(text: string, maxDepth: number) {
    this.scanner = new Scanner(text, maxDepth)
  }

  /** Kind of the next event; its details are in the fields. @throws {YamlError} */
  next(): number {
    return this.#state(this)
  }

  peek(): Token {
    return this.scanner.peek()
  }

  /** Takes a token and looks at the one after it. */
  advance(): Token {
    this.scanner.skip()
    return this.scanner.peek()
  }

  become(state: State): void {
    this.#state = state
  }

  afterwards(state: State): void {
    this.#states.push(state)
  }

  resume(): void {
    this.#state = this.#states.pop() ?? streamEnd
  }

  /** Remembers where a collection begins, for the message when it is not well formed. */
  begin(token: Token): void {
    this.#marks.push(token)
  }

  /** Forgets the innermost {@link begin} and tells it. */
  finish(): Mark {
    return this.#marks.pop() ?? this.peek()
  }

  /** An event without content of its own at `token`. */
  plainEvent(kind: number, token: Token): number {
    this.line = token.line
    this.column = token.column
    this.start = token.offset
    this.end = token.end
    return kind
  }

  /** The value that is left out: an empty plain scalar at `offset`. */
  emptyScalar(token: Token, offset: number): number {
    this.value = ''
    this.anchor = ''
    this.tag = ''
    this.style = 'plain'
    this.implicit = true
    this.plainEvent(events.SCALAR, token)
    this.start = offset
    this.end = offset
    return events.SCALAR
  }

  /** Begins a collection that has neither anchor nor tag of its own. */
  bareCollection(kind: number, style: 'block' | 'flow', token: Token): number {
    this.anchor = ''
    this.tag = ''
    this.implicit = true
    this.style = style
    return this.plainEvent(kind, token)
  }

  /** Reads the directives before a document. @throws {YamlError} when they are repeated or of another YAML */
  readDirectives(): void {
    this.#handles.clear()
    let versionSeen = false
    for (let token = this.peek(); token.kind === tokens.DIRECTIVE; token = this.advance()) {
      const directive = this.scanner.directiveOf(token)
      if (directive?.kind === 'version') {
        if (versionSeen) throw parserError(token, none, 'found duplicate %YAML directive')
        if (directive.major !== 1 || directive.minor !== 1) {
          throw parserError(token, none, 'found incompatible YAML document')
        }
        versionSeen = true
      } else if (directive?.kind === 'tag') {
        if (this.#handles.has(directive.handle)) {
          throw parserError(token, none, 'found duplicate %TAG directive')
        }
        this.#handles.set(directive.handle, directive.prefix)
      }
    }
    if (!this.#handles.has('!')) this.#handles.set('!', '!')
    if (!this.#handles.has('!!')) this.#handles.set('!!', coreTagPrefix)
  }

  /** Reads the anchor and the tag that may stand before a node, in either order; gives the token after them. */
  readProperties(start: Token): Token {
    this.anchor = ''
    this.tag = ''
    let token = start
    if (token.kind === tokens.ANCHOR) {
      this.anchor = token.value
      token = this.advance()
      if (token.kind === tokens.TAG) {
        this.tag = this.#fullTag(token, start)
        token = this.advance()
      }
    } else if (token.kind === tokens.TAG) {
      // An undefined handle is told only after the anchor has been scanned.
      const tag = token
      token = this.advance()
      if (token.kind === tokens.ANCHOR) {
        this.anchor = token.value
        token = this.advance()
      }
      this.tag = this.#fullTag(tag, start)
    }
    return token
  }

  #fullTag({ handle, value, offset, line, column }: Token, start: Token): string {
    if (handle === '') return value
    const prefix = this.#handles.get(handle)
    if (prefix === undefined) {
      throw parserError({ offset, line, column }, start, 'found undefined tag handle')
    }
    return prefix + value
  }
}

const none: Mark = { offset: 0, line: 0, column: 0 }

function streamEnd(parser: Parser): number {
  return parser.plainEvent(events.STREAM_END, parser.peek())
}

/** The first document needs no `---`. */
function documentStartFirst(parser: Parser): number {
  const { kind } = parser.peek()
  if (kind === tokens.DIRECTIVE || kind === tokens.DOCUMENT_START || kind === tokens.STREAM_END) {
    return documentStart(parser)
  }
  parser.readDirectives()
  parser.explicitStart = false
  parser.afterwards(documentEnd)
  parser.become(blockNode)
  return parser.plainEvent(events.DOCUMENT_START, parser.peek())
}

function documentStart(parser: Parser): number {
  let token = parser.peek()
  while (token.kind === tokens.DOCUMENT_END) token = parser.advance()
  if (token.kind === tokens.STREAM_END) {
    parser.become(streamEnd)
    return streamEnd(parser)
  }
  parser.readDirectives()
  token = parser.peek()
  if (token.kind !== tokens.DOCUMENT_START) {
    throw parserError(token, none, 'did not find expected <document start>')
  }
  parser.explicitStart = true
  parser.afterwards(documentEnd)
  parser.become(documentContent)
  parser.plainEvent(events.DOCUMENT_START, token)
  parser.scanner.skip()
  return events.DOCUMENT_START
}

function documentContent(parser: Parser): number {
  const token = parser.peek()
  switch (token.kind) {
    case tokens.DIRECTIVE:
    case tokens.DOCUMENT_START:
    case tokens.DOCUMENT_END:
    case tokens.STREAM_END:
      parser.resume()
      return parser.emptyScalar(token, token.offset)
    default:
      return node(parser, true, false)
  }
}

function documentEnd(parser: Parser): number {
  const token = parser.peek()
  parser.plainEvent(events.DOCUMENT_END, token)
  if (token.kind === tokens.DOCUMENT_END) parser.scanner.skip()
  else parser.end = token.offset
  parser.become(documentStart)
  return events.DOCUMENT_END
}

function blockNode(parser: Parser): number {
  return node(parser, true, false)
}

function node(parser: Parser, block: boolean, indentless: boolean): number {
  const start = parser.peek()
  if (start.kind === tokens.ALIAS) {
    parser.resume()
    parser.value = start.value
    parser.plainEvent(events.ALIAS, start)
    parser.scanner.skip()
    return events.ALIAS
  }
  const token = parser.readProperties(start)
  const kind = nodeContent(parser, token, { block, indentless })
  if (kind < 0) {
    if (parser.anchor === '' && parser.tag === '') {
      throw parserError(token, start, 'did not find expected node content')
    }
    const { anchor, tag, implicit } = parser
    parser.resume()
    parser.emptyScalar(start, start.end)
    parser.anchor = anchor
    parser.tag = tag
    parser.implicit = implicit
    return events.SCALAR
  }
  // A node begins where its anchor or tag does.
  parser.line = start.line
  parser.column = start.column
  return kind
}

/** The event for a node after its properties; -1 when no node is there. */
function nodeContent(
  parser: Parser,
  token: Token,
  { block, indentless }: { readonly block: boolean; readonly indentless: boolean },
): number {
  if (token.kind === tokens.SCALAR) return scalar(parser, token)
  parser.implicit = parser.tag === ''
  if (indentless && token.kind === tokens.BLOCK_ENTRY) {
    parser.become(indentlessEntry)
    parser.style = 'block'
    return parser.plainEvent(events.SEQUENCE_START, token)
  }
  const collection = collectionOf(parser, token.kind, block)
  return collection < 0 ? collection : parser.plainEvent(collection, token)
}

function scalar(parser: Parser, token: Token): number {
  const { tag } = parser
  parser.implicit = (tag === '' && token.style === 'plain') || tag === '!'
  parser.value = token.value
  parser.style = token.style
  parser.plainEvent(events.SCALAR, token)
  parser.resume()
  parser.scanner.skip()
  return events.SCALAR
}

/** The event that a collection's first token stands for, -1 when it is none. */
function collectionOf(parser: Parser, kind: number, block: boolean): number {
  switch (kind) {
    case tokens.FLOW_SEQUENCE_START:
      parser.become(flowSequenceFirst)
      parser.style = 'flow'
      return events.SEQUENCE_START
    case tokens.FLOW_MAPPING_START:
      parser.become(flowMappingFirst)
      parser.style = 'flow'
      return events.MAPPING_START
    case tokens.BLOCK_SEQUENCE_START:
      if (!block) return -1
      parser.become(blockSequenceFirst)
      parser.style = 'block'
      return events.SEQUENCE_START
    case tokens.BLOCK_MAPPING_START:
      if (!block) return -1
      parser.become(blockMappingFirst)
      parser.style = 'block'
      return events.MAPPING_START
    default:
      return -1
  }
}

function blockSequenceFirst(parser: Parser): number {
  parser.begin(parser.peek())
  parser.scanner.skip()
  return blockSequenceEntry(parser)
}

function blockSequenceEntry(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.BLOCK_ENTRY) {
    const next = parser.advance()
    if (next.kind !== tokens.BLOCK_ENTRY && next.kind !== tokens.BLOCK_END) {
      parser.afterwards(blockSequenceEntry)
      return node(parser, true, false)
    }
    parser.become(blockSequenceEntry)
    return parser.emptyScalar(token, token.end)
  }
  const mark = parser.finish()
  if (token.kind !== tokens.BLOCK_END) throw parserError(token, mark, "did not find expected '-' indicator")
  return endCollection(parser, events.SEQUENCE_END, token)
}

/** A sequence that stands no deeper than the key that it belongs to. */
function indentlessEntry(parser: Parser): number {
  const token = parser.peek()
  if (token.kind !== tokens.BLOCK_ENTRY) {
    parser.resume()
    parser.plainEvent(events.SEQUENCE_END, token)
    parser.end = token.offset
    return events.SEQUENCE_END
  }
  const next = parser.advance()
  if (next.kind !== tokens.BLOCK_ENTRY && !endsBlockValue(next.kind)) {
    parser.afterwards(indentlessEntry)
    return node(parser, true, false)
  }
  parser.become(indentlessEntry)
  return parser.emptyScalar(token, token.end)
}

function endsBlockValue(kind: number): boolean {
  return kind === tokens.KEY || kind === tokens.VALUE || kind === tokens.BLOCK_END
}

function blockMappingFirst(parser: Parser): number {
  parser.begin(parser.peek())
  parser.scanner.skip()
  return blockMappingKey(parser)
}

function blockMappingKey(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.KEY) {
    const next = parser.advance()
    if (!endsBlockValue(next.kind)) {
      parser.afterwards(blockMappingValue)
      return node(parser, true, true)
    }
    parser.become(blockMappingValue)
    return parser.emptyScalar(token, token.end)
  }
  const mark = parser.finish()
  if (token.kind !== tokens.BLOCK_END) throw parserError(token, mark, 'did not find expected key')
  return endCollection(parser, events.MAPPING_END, token)
}

function blockMappingValue(parser: Parser): number {
  const token = parser.peek()
  if (token.kind !== tokens.VALUE) {
    parser.become(blockMappingKey)
    return parser.emptyScalar(token, token.offset)
  }
  const next = parser.advance()
  if (!endsBlockValue(next.kind)) {
    parser.afterwards(blockMappingKey)
    return node(parser, true, true)
  }
  parser.become(blockMappingKey)
  return parser.emptyScalar(token, token.end)
}

function flowSequenceFirst(parser: Parser): number {
  parser.begin(parser.peek())
  parser.scanner.skip()
  return flowSequenceItem(parser)
}

function flowSequenceEntry(parser: Parser): number {
  const token = parser.peek()
  if (token.kind !== tokens.FLOW_SEQUENCE_END) {
    if (token.kind !== tokens.FLOW_ENTRY) {
      throw parserError(token, parser.finish(), "did not find expected ',' or ']'")
    }
    parser.scanner.skip()
  }
  return flowSequenceItem(parser)
}

function flowSequenceItem(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.KEY) {
    // `[a: b]` is a list of one mapping of one pair.
    parser.become(pairKey)
    parser.bareCollection(events.MAPPING_START, 'flow', token)
    parser.scanner.skip()
    return events.MAPPING_START
  }
  if (token.kind !== tokens.FLOW_SEQUENCE_END) {
    parser.afterwards(flowSequenceEntry)
    return node(parser, false, false)
  }
  parser.finish()
  return endCollection(parser, events.SEQUENCE_END, token)
}

function pairKey(parser: Parser): number {
  const token = parser.peek()
  if (!endsFlowItem(token.kind, tokens.FLOW_SEQUENCE_END)) {
    parser.afterwards(pairValue)
    return node(parser, false, false)
  }
  parser.become(pairValue)
  // libyaml takes the token here, so that a pair without key is an error in what follows.
  parser.scanner.skip()
  return parser.emptyScalar(token, token.end)
}

function pairValue(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.VALUE) {
    const next = parser.advance()
    if (next.kind !== tokens.FLOW_ENTRY && next.kind !== tokens.FLOW_SEQUENCE_END) {
      parser.afterwards(pairEnd)
      return node(parser, false, false)
    }
  }
  parser.become(pairEnd)
  return parser.emptyScalar(token, token.kind === tokens.VALUE ? token.end : token.offset)
}

function pairEnd(parser: Parser): number {
  const token = parser.peek()
  parser.become(flowSequenceEntry)
  parser.plainEvent(events.MAPPING_END, token)
  parser.end = token.offset
  return events.MAPPING_END
}

function endsFlowItem(kind: number, collectionEnd: number): boolean {
  return kind === tokens.VALUE || kind === tokens.FLOW_ENTRY || kind === collectionEnd
}

function flowMappingFirst(parser: Parser): number {
  parser.begin(parser.peek())
  parser.scanner.skip()
  return flowMappingItem(parser)
}

function flowMappingKey(parser: Parser): number {
  const token = parser.peek()
  if (token.kind !== tokens.FLOW_MAPPING_END) {
    if (token.kind !== tokens.FLOW_ENTRY) {
      throw parserError(token, parser.finish(), "did not find expected ',' or '}'")
    }
    parser.scanner.skip()
  }
  return flowMappingItem(parser)
}

function flowMappingItem(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.KEY) {
    const next = parser.advance()
    if (!endsFlowItem(next.kind, tokens.FLOW_MAPPING_END)) {
      parser.afterwards(flowMappingValue)
      return node(parser, false, false)
    }
    parser.become(flowMappingValue)
    return parser.emptyScalar(next, next.offset)
  }
  if (token.kind !== tokens.FLOW_MAPPING_END) {
    parser.afterwards(flowMappingEmptyValue)
    return node(parser, false, false)
  }
  parser.finish()
  return endCollection(parser, events.MAPPING_END, token)
}

function flowMappingEmptyValue(parser: Parser): number {
  const token = parser.peek()
  parser.become(flowMappingKey)
  return parser.emptyScalar(token, token.offset)
}

function flowMappingValue(parser: Parser): number {
  const token = parser.peek()
  if (token.kind === tokens.VALUE) {
    const next = parser.advance()
    if (next.kind !== tokens.FLOW_ENTRY && next.kind !== tokens.FLOW_MAPPING_END) {
      parser.afterwards(flowMappingKey)
      return node(parser, false, false)
    }
  }
  parser.become(flowMappingKey)
  return parser.emptyScalar(token, token.kind === tokens.VALUE ? token.end : token.offset)
}

function endCollection(parser: Parser, kind: number, token: Token): number {
  parser.resume()
  parser.plainEvent(kind, token)
  parser.scanner.skip()
  return kind
}
