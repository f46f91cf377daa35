import { ToolkitError } from '@sluice/ports'

/** Why two trees could not be merged. */
export type NodeMergeErrorCode = 'MERGE_DIRECTIVE' | 'MERGE_KIND_MISMATCH' | 'MERGE_LIMIT'

/** A strategic merge failed. */
export class NodeMergeError extends ToolkitError {
  override readonly name = 'NodeMergeError'

  constructor(code: NodeMergeErrorCode, message: string) {
    super(code, message)
  }
}
