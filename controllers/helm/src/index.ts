/**
 * The helm controller: makes and keeps the releases that HelmReleases describe, in records that Helm itself reads.
 *
 * @example
 * const openRelease = releaseClients({ clock, ports, caches: manager.caches })
 * manager.add(helmReleaseController({ caches: manager.caches, clock, fetcher, charts, openRelease }))
 */
export type { HelmDeps, HelmGates, HelmOptions } from './deps.ts'
export { helmReleaseController } from './helm-release-controller.ts'
export type {
  ActionBounds,
  ActionEnd,
  Correction,
  DriftedObject,
  ReleaseBehaviour,
  ReleaseClient,
  ReleaseContent,
  ReleaseTarget,
} from './releases/release-client.ts'
export { type ReleaseClientFor, type ReleaseDeps, releaseClients } from './releases/release-clients.ts'
export { releaseValues } from './steps/release-values.ts'
