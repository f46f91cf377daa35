import type { Chart } from '@sluice/chart'

/** A chart by what a run always needs of it; the chart itself is loaded when an action needs it. */
export type SourceChart = {
  readonly name: string
  /** As it is released: with the digest where the source's tags may move. */
  readonly version: string
  readonly appVersion: string
  /** Digest of the artifact where the chart comes from a source whose tags may move. */
  readonly digest: string | undefined
  readonly load: () => Promise<Chart>
}
