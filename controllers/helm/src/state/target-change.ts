import type { ReleaseNames } from '@sluice/delivery'
import type { StatusDraft } from '@sluice/runtime'
import type { HelmRelease, HelmReleaseSpec } from '@sluice/toolkit'
import { latestOf } from './history.ts'

/**
 * What has become another one since the release was made, so that it has to be removed before one is made elsewhere; nothing
 * when it can be upgraded where it is.
 *
 * Source: helm-controller of Flux 2.9.
 */
export function targetChange(
  { history = [], storageNamespace }: Pick<StatusDraft<HelmRelease>, 'history' | 'storageNamespace'>,
  {
    names,
    chartName,
    strategy = 'Reinstall',
  }: {
    readonly names: ReleaseNames
    readonly chartName: string
    readonly strategy: NonNullable<HelmReleaseSpec['upgrade']>['chartNameChangeStrategy'] | undefined
  },
): string | undefined {
  const current = latestOf(history)
  if (!current || !storageNamespace) return undefined
  if (names.storageNamespace !== storageNamespace) return 'storage namespace'
  if (names.namespace !== current.namespace) return 'release namespace'
  if (names.name !== current.name) return 'release name'
  return strategy === 'Reinstall' && chartName !== current.chartName ? 'chart name' : undefined
}
