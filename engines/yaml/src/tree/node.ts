/** What a node is. A document has its root as only content; an alias has its target in `alias`. */
export type NodeKind = 'scalar' | 'mapping' | 'sequence' | 'alias' | 'document'

/** How a node is or was written. `plain` also stands for the block style of collections. */
export type NodeStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'flow'

/** What few nodes have. */
type RareFields = {
  anchor: string
  alias: YamlNode | undefined
  headComment: string
  lineComment: string
  footComment: string
}

/** Scalars and aliases share it; frozen, so that nobody adds to it. */
const noContent: YamlNode[] = []
Object.freeze(noContent)

/**
 * A YAML node as go-yaml v3 keeps it: with tag, style, anchor and comments.
 *
 * One shape for all kinds, and mutable: editors such as kustomize turn a null into a mapping in place, and every
 * reader of the tree sees the same fields. The content of a mapping is key, value, key, value, …
 *
 * Source: https://pkg.go.dev/go.yaml.in/yaml/v3#Node
 */
export class YamlNode {
  kind: NodeKind
  style: NodeStyle
  /** Short form (`!!str`, `!custom`); resolved for plain scalars; empty when it is still to be resolved. */
  tag: string
  /** Whether the tag stood in the source or was set on purpose, so that it is printed. */
  tagged = false
  value: string
  /** Of a scalar or alias it cannot be added to: {@link becomeCollection} first. */
  content: YamlNode[]
  /** Position from 1; 0 for a node that was not parsed. */
  line = 0
  column = 0
  /** Trees have very many nodes: what most of them lack is kept apart. */
  private rare: RareFields | undefined = undefined

  constructor(kind: NodeKind, tag: string, value = '') {
    this.kind = kind
    this.style = 'plain'
    this.tag = tag
    this.value = value
    this.content = kind === 'scalar' || kind === 'alias' ? noContent : []
  }

  get anchor(): string {
    return this.rare === undefined ? '' : this.rare.anchor
  }

  set anchor(anchor: string) {
    if (anchor !== this.anchor) this.rareFields().anchor = anchor
  }

  /** What an alias stands for. */
  get alias(): YamlNode | undefined {
    return this.rare?.alias
  }

  set alias(alias: YamlNode | undefined) {
    if (alias !== this.alias) this.rareFields().alias = alias
  }

  /** Comments keep their `#` and inner line breaks. */
  get headComment(): string {
    return this.rare === undefined ? '' : this.rare.headComment
  }

  set headComment(comment: string) {
    if (comment !== this.headComment) this.rareFields().headComment = comment
  }

  get lineComment(): string {
    return this.rare === undefined ? '' : this.rare.lineComment
  }

  set lineComment(comment: string) {
    if (comment !== this.lineComment) this.rareFields().lineComment = comment
  }

  get footComment(): string {
    return this.rare === undefined ? '' : this.rare.footComment
  }

  set footComment(comment: string) {
    if (comment !== this.footComment) this.rareFields().footComment = comment
  }

  /** Turns the node into an empty collection. */
  becomeCollection(kind: 'mapping' | 'sequence', tag: string): void {
    this.kind = kind
    this.tag = tag
    this.content = []
  }

  /** Takes over everything of `other`, content shared, so that holders of this node see it. */
  assign(other: YamlNode): void {
    this.kind = other.kind
    this.style = other.style
    this.tag = other.tag
    this.tagged = other.tagged
    this.value = other.value
    this.content = other.content
    this.line = other.line
    this.column = other.column
    this.rare = other.rare && { ...other.rare }
  }

  /** A deep copy; aliases keep pointing at the original's anchors. */
  copy(): YamlNode {
    const copy = new YamlNode(this.kind, this.tag, this.value)
    copy.assign(this)
    const { content } = this
    if (content.length > 0) {
      copy.content = []
      for (const child of content) copy.content.push(child.copy())
    } else if (content !== noContent) {
      copy.content = []
    }
    return copy
  }

  private rareFields(): RareFields {
    this.rare ??= { anchor: '', alias: undefined, headComment: '', lineComment: '', footComment: '' }
    return this.rare
  }
}

/** A scalar whose type follows from its text. */
export function plainScalar(value: string): YamlNode {
  return new YamlNode('scalar', '', value)
}

/** A string scalar; text of several lines is written as a literal block, as go-yaml's `SetString` has it. */
export function stringScalar(value: string): YamlNode {
  const node = new YamlNode('scalar', '!!str', value)
  if (value.includes('\n')) node.style = 'literal'
  return node
}
