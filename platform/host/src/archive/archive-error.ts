import { ToolkitError } from '@sluice/ports'

/** An archive is damaged, hostile or larger than allowed. */
export class ArchiveError extends ToolkitError {
  override readonly name = 'ArchiveError'

  constructor(
    code: 'ARCHIVE_DAMAGED' | 'ARCHIVE_UNSAFE' | 'ARCHIVE_TOO_LARGE' | 'ARCHIVE_NOT_GZIP',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}
