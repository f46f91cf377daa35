import { ToolkitError } from '@sluice/ports'
import type { ReleaseSnapshot } from '@sluice/toolkit'
import type { ActionEnd } from '../releases/release-client.ts'
import { releaseTitle } from '../state/history.ts'

/** An action met another release than the one that is known. */
export class ReleaseMismatchError extends ToolkitError {
  override readonly name = 'ReleaseMismatchError'

  constructor(message: string) {
    super('RELEASE_MISMATCH', `release mismatch: ${message}`)
  }
}

/** An action succeeded without a trace in the records. */
export class NoStorageUpdateError extends ToolkitError {
  override readonly name = 'NoStorageUpdateError'

  constructor() {
    super('RELEASE_NOT_UPDATED', 'uninstall completed with error: release not updated in Helm storage')
  }
}

/**
 * What was wrong with an uninstallation: Helm removes whatever release is the latest, and may not say that it could not write
 * its record.
 */
export function uninstallFailure(
  { release, failure }: ActionEnd,
  { before, after }: { readonly before: ReleaseSnapshot; readonly after: ReleaseSnapshot },
): Error | undefined {
  if (release && release.revision !== before.version) {
    const removed = releaseTitle({ ...release, version: release.revision })
    return new ReleaseMismatchError(
      `uninstalled release ${removed} != current release ${releaseTitle(before)}`,
    )
  }
  if (failure) return failure
  return before.digest === after.digest ? new NoStorageUpdateError() : undefined
}
