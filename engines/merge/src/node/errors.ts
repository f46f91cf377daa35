import { ToolkitError } from '@sluice/ports'
import { type NodeKind, printTree, type YamlNode } from '@sluice/yaml'

/** Why two trees could not be merged. */
export type NodeMergeErrorCode = 'MERGE_DIRECTIVE' | 'MERGE_KIND_MISMATCH' | 'MERGE_LIMIT'

/** A strategic merge failed. */
export class NodeMergeError extends ToolkitError {
  override readonly name = 'NodeMergeError'

  constructor(code: NodeMergeErrorCode, message: string) {
    super(code, message)
  }
}

/** That a node is not of the kind that it has to be, in kyaml's words and with the node. */
export function wrongKindMessage(node: YamlNode, wanted: NodeKind): string {
  const problem = `wrong node kind: expected ${goKind(wanted)} but got ${goKind(node.kind)}`
  return `${problem}: node contents:\n${printTree(node)}`
}

function goKind(kind: NodeKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Node`
}
