/**
 * The helm controller: makes and keeps the releases that HelmReleases describe, in records that Helm itself reads.
 */
export type { HelmDeps, HelmOptions } from './deps.ts'
