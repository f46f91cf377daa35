import type { Token } from '../token.ts'
import type { RuleName } from './grammar.ts'
import type { State } from './network.ts'

/** What a rule has read. Labels hold tokens and nodes in the order of reading. */
export type TreeNode = {
  readonly rule: RuleName
  /** The name of the alternative, once it has been chosen. */
  name: string | undefined
  readonly start: Token
  readonly labels: Map<string, (Token | TreeNode)[]>
  readonly parent: TreeNode | undefined
  /** Where the rule goes on that asked for this one. */
  readonly follow: State | undefined
  readonly precedence: number
}

export function isTreeNode(value: Token | TreeNode | undefined): value is TreeNode {
  return value !== undefined && 'rule' in value
}

export function tokenAt(node: TreeNode, label: string, index = 0): Token | undefined {
  const value = node.labels.get(label)?.[index]
  return value && !isTreeNode(value) ? value : undefined
}

export function nodeAt(node: TreeNode, label: string, index = 0): TreeNode | undefined {
  const value = node.labels.get(label)?.[index]
  return isTreeNode(value) ? value : undefined
}

export function tokensOf(node: TreeNode, label: string): readonly Token[] {
  return (node.labels.get(label) ?? []).filter((it): it is Token => !isTreeNode(it))
}

export function nodesOf(node: TreeNode, label: string): readonly TreeNode[] {
  return (node.labels.get(label) ?? []).filter(isTreeNode)
}
