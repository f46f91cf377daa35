/** What a node is. A document has its root as only content; an alias has its target in `alias`. */
export type NodeKind = 'scalar' | 'mapping' | 'sequence' | 'alias' | 'document'

/** How a node is or was written. `plain` also stands for the block style of collections. */
export type NodeStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'flow'

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
  anchor = ''
  alias: YamlNode | undefined = undefined
  content: YamlNode[]
  /** Comments keep their `#` and inner line breaks. */
  headComment = ''
  lineComment = ''
  footComment = ''
  /** Position from 1; 0 for a node that was not parsed. */
  line = 0
  column = 0

  constructor(kind: NodeKind, tag: string, value = '') {
    this.kind = kind
    this.style = 'plain'
    this.tag = tag
    this.value = value
    this.content = []
  }

  /** Takes over everything of `other`, content shared, so that holders of this node see it. */
  assign(other: YamlNode): void {
    this.kind = other.kind
    this.style = other.style
    this.tag = other.tag
    this.tagged = other.tagged
    this.value = other.value
    this.anchor = other.anchor
    this.alias = other.alias
    this.content = other.content
    this.headComment = other.headComment
    this.lineComment = other.lineComment
    this.footComment = other.footComment
    this.line = other.line
    this.column = other.column
  }

  /** A deep copy; aliases keep pointing at the original's anchors. */
  copy(): YamlNode {
    const copy = new YamlNode(this.kind, this.tag, this.value)
    copy.assign(this)
    const { content } = this
    const copied: YamlNode[] = []
    for (const child of content) copied.push(child.copy())
    copy.content = copied
    return copy
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
