import { metadataObject, type Release, releaseObject } from '@sluice/chart'
import type { HelmTest, ReleaseSnapshot } from '@sluice/toolkit'
import { StructFields } from '@sluice/yaml'
import { jsonDigest, valuesDigest } from './digests.ts'

/** What a release does not say of itself. */
export type SnapshotFacts = {
  /** The action that the release comes from. */
  readonly action?: string
  /** Digest of the OCI artifact that held the chart. */
  readonly ociDigest?: string
}

/** The form of snapshots that this code writes; digests of other forms cannot be compared. */
export const snapshotVersion = 'v2'

/**
 * What the status remembers of a release.
 *
 * Source: helm-controller of Flux 2.9, api v2 Snapshot.
 */
export function snapshotOf(release: Release, { action, ociDigest }: SnapshotFacts = {}): ReleaseSnapshot {
  const { info, chart } = release
  const { appVersion } = chart.metadata
  return {
    apiVersion: snapshotVersion,
    digest: releaseDigest(release, ociDigest),
    name: release.name,
    namespace: release.namespace,
    version: release.revision,
    status: info.status,
    chartName: chart.metadata.name,
    chartVersion: chart.metadata.version,
    configDigest: valuesDigest(release.config ?? new Map()),
    firstDeployed: toSeconds(info.firstDeployed),
    lastDeployed: toSeconds(info.lastDeployed),
    ...(appVersion && { appVersion }),
    ...(info.deleted && { deleted: toSeconds(info.deleted) }),
    ...(ociDigest && { ociDigest }),
    ...(action && { action }),
  }
}

/**
 * The digest by which a record is known that somebody else changed. Tests may be run by anybody and are left out of it,
 * as is all of the chart but its metadata.
 */
export function releaseDigest(release: Release, ociDigest?: string): string {
  const { name, namespace, revision, manifest, chart, config } = release
  const fields = releaseObject({ ...release, hooks: release.hooks.filter((it) => !isTest(it)) })
  return jsonDigest(
    new StructFields([
      ['name', name],
      ['version', revision],
      ['info', fields.get('info') ?? null],
      ['chartMetadata', metadataObject(chart.metadata)],
      ['config', config && config.size > 0 ? config : null],
      ['manifest', manifest],
      ['hooks', fields.get('hooks') ?? null],
      ['namespace', namespace],
      ...(ociDigest ? [['ociDigest', ociDigest] as const] : []),
    ]),
  )
}

/** Whether a record is the release that a snapshot was taken of. Snapshots of older forms are trusted. */
export function isSnapshotOf(snapshot: ReleaseSnapshot, release: Release): boolean {
  return (
    snapshot.apiVersion !== snapshotVersion || snapshot.digest === releaseDigest(release, snapshot.ociDigest)
  )
}

/** How the tests of a release went, those that the filters choose. */
export function testHooksOf(
  { hooks }: Release,
  filters: NonNullable<HelmTest['filters']> = [],
): NonNullable<ReleaseSnapshot['testHooks']> {
  const excluded = new Set(filters.filter(({ exclude }) => exclude).map(({ name }) => name))
  const included = new Set(filters.filter(({ exclude }) => !exclude).map(({ name }) => name))
  const chosen = hooks.filter(
    (hook) => isTest(hook) && !excluded.has(hook.name) && (included.size === 0 || included.has(hook.name)),
  )
  return Object.fromEntries(
    chosen.map(({ name, lastRun: { startedAt, completedAt, phase } }) => [
      name,
      {
        ...(startedAt && { lastStarted: toSeconds(startedAt) }),
        ...(completedAt && { lastCompleted: toSeconds(completedAt) }),
        ...(phase && { phase }),
      },
    ]),
  )
}

function isTest({ events }: { readonly events: readonly string[] }): boolean {
  return events.includes('test')
}

/** A time of a record as statuses have it: UTC in whole seconds. */
function toSeconds(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')
}
