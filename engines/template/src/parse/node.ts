import type { GoComplex } from '@sluice/go'

/** What every node has. `position` is its offset in the tree's source. */
type At = { readonly position: number }

export type TextNode = At & { readonly kind: 'text'; readonly text: string }
export type ListNode = At & { readonly kind: 'list'; readonly nodes: readonly Statement[] }
export type ActionNode = At & { readonly kind: 'action'; readonly pipe: PipeNode }
export type BranchNode = At & {
  readonly kind: 'if' | 'range' | 'with'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}
export type TemplateNode = At & {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}
/** `break` and `continue`. */
export type JumpNode = At & { readonly kind: 'break' | 'continue' }
/** `{{end}}` and `{{else}}` as the parser meets them; never part of a tree. */
export type MarkNode = At & { readonly kind: 'end' | 'else' }

export type Statement = TextNode | ListNode | ActionNode | BranchNode | TemplateNode | JumpNode

export type PipeNode = At & {
  readonly kind: 'pipe'
  readonly isAssign: boolean
  readonly declarations: readonly VariableNode[]
  readonly commands: readonly CommandNode[]
}
export type CommandNode = At & { readonly kind: 'command'; readonly args: readonly Operand[] }

export type IdentifierNode = At & { readonly kind: 'identifier'; readonly name: string }
/** `$x.a.b` as `['$x', 'a', 'b']`. */
export type VariableNode = At & { readonly kind: 'variable'; readonly path: readonly string[] }
/** `.a.b` as `['a', 'b']`. */
export type FieldNode = At & { readonly kind: 'field'; readonly path: readonly string[] }
/** `(pipeline).a.b` */
export type ChainNode = At & {
  readonly kind: 'chain'
  readonly node: Operand
  readonly path: readonly string[]
}
export type DotNode = At & { readonly kind: 'dot' }
export type NilNode = At & { readonly kind: 'nil' }
export type BoolNode = At & { readonly kind: 'bool'; readonly value: boolean }
export type StringNode = At & { readonly kind: 'string'; readonly quoted: string; readonly text: string }
/** A number with each of the meanings that its text allows. */
export type NumberNode = At & {
  readonly kind: 'number'
  readonly text: string
  readonly int: bigint | undefined
  readonly uint: bigint | undefined
  readonly float: number | undefined
  readonly complex: GoComplex | undefined
}

export type Operand =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode

export type Node = Statement | MarkNode | CommandNode | Operand

/** One template: its name, what it consists of, and the source that positions refer to. */
export type Tree = {
  readonly name: string
  /** Name under which the source was parsed; error messages give positions in it. */
  readonly parseName: string
  readonly source: string
  readonly root: ListNode
}
