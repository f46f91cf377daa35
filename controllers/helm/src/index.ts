/**
 * The helm controller: makes and keeps the releases that HelmReleases describe, in records that Helm itself reads.
 *
 * @example
 * manager.add(helmReleaseController({ caches: manager.caches, clock, fetcher, charts, openRelease }))
 */
export type { HelmDeps, HelmGates, HelmOptions } from './deps.ts'
export { helmReleaseController } from './helm-release-controller.ts'
