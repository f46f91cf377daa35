import { ToolkitError } from '@sluice/ports'

/** Why a SOPS document could not be read. */
export type SopsErrorCode =
  | 'SOPS_MALFORMED'
  | 'SOPS_NO_DATA_KEY'
  | 'SOPS_TAMPERED'
  | 'SOPS_UNSUPPORTED'
  | 'SOPS_KEY_REFUSED'

/** A SOPS document could not be decrypted. Messages never hold plain text or keys. */
export class SopsError extends ToolkitError {
  override readonly name = 'SopsError'

  constructor(code: SopsErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}
