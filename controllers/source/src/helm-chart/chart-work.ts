import type { Http } from '@sluice/ports'
import type { Run, Step } from '@sluice/runtime'
import type { SignatureResult } from '@sluice/signatures'
import type { Artifact, HelmChart, HelmRepository, SourceStatus, ToolkitObject } from '@sluice/toolkit'
import type { SourceDeps } from '../shared/source-deps.ts'

export type HelmChartDeps = SourceDeps & {
  readonly http: Http
  /** Largest packed chart. Default: 10 MiB. */
  readonly helmChartMaxBytes?: number
  /** Largest file in a chart. Default: 5 MiB. */
  readonly helmChartFileMaxBytes?: number
}

/** Where a chart comes from. */
export type ChartSource =
  | {
      readonly kind: 'HelmRepository'
      readonly repository: HelmRepository
      readonly artifact: Artifact | undefined
    }
  | { readonly kind: 'GitRepository' | 'Bucket'; readonly artifact: Artifact }

/** An object that may serve as a source. */
export type SourceCandidate = ToolkitObject & { readonly status?: SourceStatus }

/** What was made, or was found to be there already. */
export type ChartBuild = {
  readonly name: string
  readonly version: string
  /** Whether the archive was made here, not only passed on. */
  readonly isPackaged: boolean
  readonly valuesFiles: readonly string[]
  /** The archive; absent when the stored one is still right. */
  readonly content?: Uint8Array
  /** Charts that were fetched for it. */
  readonly resolvedDependencies?: number
  /** What came of verifying its signature, where that was asked for. */
  readonly verification?: SignatureResult
}

/** What one run works with; steps read and extend it, from the first to the last. */
export type ChartWork = {
  readonly run: Run<HelmChart>
  readonly deps: HelmChartDeps
  source?: ChartSource
  build?: ChartBuild
}

export type ChartStep = Step<ChartWork>

/** `pulled 'x' chart with version 'y'`, as conditions and events say it. */
export function summaryOf(build: ChartBuild): string {
  const done = build.isPackaged ? 'packaged' : 'pulled'
  const merged =
    build.valuesFiles.length > 0 ? ` and merged values files [${build.valuesFiles.join(' ')}]` : ''
  return `${done} '${build.name}' chart with version '${build.version}'${merged}`
}
