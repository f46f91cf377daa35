import { ToolkitError } from '@sluice/ports'

export type ImageErrorCode =
  /** A policy is malformed: a bad range or order, or no kind of policy at all. */
  | 'IMAGE_POLICY_INVALID'
  /** The pattern of a tag filter is no regular expression. */
  | 'IMAGE_FILTER_INVALID'
  /** There are no tags at all to choose from. */
  | 'IMAGE_NOT_SCANNED'
  /** No tag meets the policy, or one cannot be ordered. */
  | 'IMAGE_NO_TAG'
  /** What is to be updated is not there. */
  | 'UPDATE_PATH_INVALID'
  /** A text is no image reference. */
  | 'IMAGE_REFERENCE_INVALID'
  /** The template of a commit message could not be read. */
  | 'COMMIT_TEMPLATE_INVALID'
  /** The template of a commit message could not be rendered. */
  | 'COMMIT_TEMPLATE_FAILED'
  /** The template of a commit message has fields that Flux took away. */
  | 'COMMIT_TEMPLATE_REMOVED_FIELD'

/** Image automation could not do what was asked. The messages are Flux's. */
export class ImageError extends ToolkitError {
  override readonly name = 'ImageError'
  declare readonly code: ImageErrorCode

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
