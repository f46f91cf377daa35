import type { Release, ReleaseStatus } from '@sluice/chart'
import { ToolkitError } from '@sluice/ports'
import type { StatusDraft } from '@sluice/runtime'
import type { HelmRelease, HelmTest, ReleaseSnapshot } from '@sluice/toolkit'
import type { DriftedObject } from '../releases/release-client.ts'
import { hasBeenTested, hasFailedTest, latestOf } from './history.ts'

/** Where a release stands against what is wanted; the reason is for the log. */
export type ReleaseState =
  /** There is none. */
  | { readonly kind: 'absent'; readonly reason: string }
  /** There is one that this HelmRelease did not make, or that others have changed since. */
  | { readonly kind: 'unmanaged'; readonly reason: string }
  /** It is not what is wanted now. */
  | { readonly kind: 'outOfSync'; readonly reason: string }
  /** The cluster is not as the release left it. */
  | { readonly kind: 'drifted'; readonly drift: readonly DriftedObject[] }
  /** An action was cut short. */
  | { readonly kind: 'locked'; readonly release: Release }
  | { readonly kind: 'untested' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'inSync' }

/** What is wanted. Digests are empty for nothing. */
export type Desired = {
  readonly chartName: string
  readonly chartVersion: string
  readonly configDigest: string
  readonly postRenderersDigest: string
  readonly commonMetadataDigest: string
  readonly generation: number
}

export type StateFacts = {
  /** The newest record. */
  readonly release: Release | undefined
  readonly status: Pick<
    StatusDraft<HelmRelease>,
    'history' | 'observedGeneration' | 'observedPostRenderersDigest' | 'observedCommonMetadataDigest'
  >
  readonly desired: Desired
  readonly test: HelmTest
  /** Whether failed tests fail the release; not where nothing has been attempted yet. */
  readonly testsCount: boolean
  /** Whether the release is as the snapshot of it says. */
  readonly isAsObserved: (snapshot: ReleaseSnapshot, release: Release) => boolean
}

/** The state cannot be told. */
export class StateError extends ToolkitError {
  override readonly name = 'StateError'

  constructor(message: string, options?: ErrorOptions) {
    super('RELEASE_STATE', message, options)
  }
}

const pending: ReadonlySet<string> = new Set<ReleaseStatus>([
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
])

/**
 * The state of a release as records and status tell it, drift apart.
 *
 * Source: helm-controller of Flux 2.9; FEATURES §6.3.
 * @throws {StateError}
 */
export function releaseState(facts: StateFacts): ReleaseState {
  const { release, status, isAsObserved } = facts
  if (!release) return { kind: 'absent', reason: 'no release in storage for object' }
  if (pending.has(release.info.status)) return { kind: 'locked', release }
  const current = latestOf(status.history ?? [])
  if (!current) {
    return release.info.status === 'uninstalled'
      ? uninstalled
      : { kind: 'unmanaged', reason: 'found existing release in storage' }
  }
  if (!isAsObserved(current, release)) {
    return { kind: 'unmanaged', reason: 'release not observed to be made for object' }
  }
  const { status: recorded } = release.info
  if (recorded === 'failed') return { kind: 'failed', reason: 'release failed' }
  if (recorded === 'uninstalled') return uninstalled
  if (recorded === 'deployed') return deployedState(release, current, facts)
  throw new StateError(`unable to determine state for release with status '${recorded}'`)
}

const uninstalled: ReleaseState = { kind: 'absent', reason: 'found uninstalled release in storage' }

function deployedState(release: Release, current: ReleaseSnapshot, facts: StateFacts): ReleaseState {
  const change = changeOf(release, current, facts)
  if (change !== undefined) return { kind: 'outOfSync', reason: change }
  // Tests of people who run `helm test` do not count: what this controller has observed does.
  if (!facts.test.enable) return { kind: 'inSync' }
  if (!hasBeenTested(current)) return { kind: 'untested' }
  if (facts.testsCount && hasFailedTest(current)) {
    return { kind: 'failed', reason: 'release has test in failed phase' }
  }
  return { kind: 'inSync' }
}

function changeOf(
  { chart }: Release,
  current: ReleaseSnapshot,
  { desired, status }: StateFacts,
): string | undefined {
  const { name, version } = chart.metadata
  if (name !== desired.chartName || version !== desired.chartVersion) return 'release chart changed'
  if (current.configDigest !== desired.configDigest) return 'release config values changed'
  // Observed digests follow each success, so only a new generation can be unlike them.
  if (status.observedGeneration === desired.generation) return undefined
  if (desired.postRenderersDigest !== (status.observedPostRenderersDigest ?? '')) {
    return 'postrenderers digest has changed'
  }
  return desired.commonMetadataDigest === (status.observedCommonMetadataDigest ?? '')
    ? undefined
    : 'common metadata digest has changed'
}
