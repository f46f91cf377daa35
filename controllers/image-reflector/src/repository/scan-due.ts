import { parseDurationMs } from '@sluice/go'
import type { ImageRepository } from '@sluice/toolkit'

/** Tags ending so are signatures of cosign. The CRD sets it as default as well, but not for an empty list. */
const defaultExclusions = ['^.*\\.sig$']
/** A scan that would be due in less than this is made at once: times in the status have no fractions. */
const minPauseMs = 1_000

export type ScanDue =
  | { readonly kind: 'now'; readonly reason: string }
  | { readonly kind: 'later'; readonly inMs: number }

export type ScanFacts = {
  /** The image's canonical name. */
  readonly name: string
  /** Whether a request is waiting to be handled. */
  readonly isRequested: boolean
  /** Whether there are tags of the image as it was observed. */
  readonly hasTags: boolean
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Regular expressions for tags that are left out. */
export function exclusionsOf({ spec }: ImageRepository): readonly string[] {
  return spec.exclusionList && spec.exclusionList.length > 0 ? spec.exclusionList : defaultExclusions
}

/** Whether a repository is to be scanned now. Source: fluxcd/image-reflector-controller 1.2; FEATURES 7.1, rescan reasons. */
export function scanDue(repository: ImageRepository, facts: ScanFacts): ScanDue {
  const { lastScanResult, canonicalImageName, observedExclusionList = [] } = repository.status ?? {}
  if (!lastScanResult) return scanNow('first scan')
  if (facts.isRequested) return scanNow('reconcile requested')
  if (facts.name !== canonicalImageName) return scanNow('new image name')
  const isSameList = hasSameContent(exclusionsOf(repository), observedExclusionList)
  if (!isSameList) return scanNow('updated exclusion list')
  if (!facts.hasTags) return scanNow('no tags in database')
  const scannedAt = Date.parse(lastScanResult.scanTime ?? '') || 0
  const inMs = parseDurationMs(repository.spec.interval) - (facts.now - scannedAt)
  return inMs < minPauseMs ? scanNow('triggered by interval') : { kind: 'later', inMs }
}

function scanNow(reason: string): ScanDue {
  return { kind: 'now', reason }
}

function hasSameContent(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item))
}
