/** How a node is or was written. `plain` also stands for block style of collections. */
export type NodeStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded' | 'flow'

/**
 * A YAML node as go-yaml v3 keeps it: with tag, style, anchor and comments.
 *
 * Nodes are mutable: kustomize edits them in place. `line` and `column` count from 1 and are 0 for nodes that
 * were not parsed.
 *
 * Source: https://pkg.go.dev/go.yaml.in/yaml/v3#Node
 */
export type YamlNode = ScalarNode | MappingNode | SequenceNode | AliasNode

/** What every node has. A comment keeps its `#` and its inner line breaks. */
export type NodeFields = {
  /** Short form (`!!str`, `!!int`, `!custom`); resolved for plain scalars. */
  tag: string
  /** Whether the tag stood in the source or was set on purpose, so that it is printed. */
  taggedStyle?: boolean
  anchor?: string
  headComment?: string
  lineComment?: string
  footComment?: string
  line: number
  column: number
}

export type ScalarNode = NodeFields & { kind: 'scalar'; style: NodeStyle; value: string }
/** `content` is key, value, key, value, … as in go-yaml. */
export type MappingNode = NodeFields & { kind: 'mapping'; style: NodeStyle; content: YamlNode[] }
export type SequenceNode = NodeFields & { kind: 'sequence'; style: NodeStyle; content: YamlNode[] }
export type AliasNode = NodeFields & { kind: 'alias'; value: string; target: YamlNode }

/** One document of a stream; `root` is absent for a document without content. */
export type DocumentNode = {
  root?: YamlNode
  headComment?: string
  footComment?: string
  line: number
}
