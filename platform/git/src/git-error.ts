import { ToolkitError } from '@sluice/ports'

export type GitErrorCode =
  | 'GIT_AUTHENTICATION'
  | 'GIT_NOT_FOUND'
  | 'GIT_REF_NOT_FOUND'
  | 'GIT_OBJECT_NOT_FOUND'
  | 'GIT_PROTOCOL'
  | 'GIT_REMOTE'
  | 'GIT_DAMAGED'
  | 'GIT_UNSAFE'
  | 'GIT_TOO_LARGE'
  | 'GIT_INVALID_INPUT'
  | 'GIT_OPERATION'
  | 'GIT_NOT_FAST_FORWARD'
  | 'GIT_SSH'
  | 'GIT_SIGNATURE'
  /** A key to sign with cannot be read, or is of a kind that does not do. */
  | 'GIT_KEY_INVALID'
  /** A key ring has several keys to sign with. */
  | 'GIT_KEY_AMBIGUOUS'
  /** A key to sign with needs a passphrase. */
  | 'GIT_KEY_ENCRYPTED'
  /** The passphrase of a key is wrong. */
  | 'GIT_KEY_PASSPHRASE'

/** A Git operation failed. Messages are those that Flux's users see; credentials never appear in them. */
export class GitError extends ToolkitError {
  override readonly name = 'GitError'

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
