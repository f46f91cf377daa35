import { createHash } from 'node:crypto'
import type { MutableValues } from '@sluice/chart'
import { versionsWritten } from '@sluice/toolkit'
import { printYaml } from '@sluice/yaml'
import { latestOf } from '../state/history.ts'
import { need, type Work } from '../work.ts'

const oldVersions = ['v2beta1', 'v2beta2']

/** Who writes a HelmRelease in an old version reads of the attempt what that version tells of it. */
export function noteOldAttempt(work: Work): void {
  const { status } = work.run
  if (isOld(work)) {
    status.lastAttemptedValuesChecksum = checksum(need(work, 'values'))
    return
  }
  status.lastAttemptedValuesChecksum = undefined
  status.lastReleaseRevision = undefined
  status.lastAppliedRevision = undefined
}

/** The same of a release that is as wanted. */
export function noteOldSuccess(work: Work): void {
  const { status } = work.run
  const current = latestOf(status.history ?? [])
  if (!current || !isOld(work)) return
  status.lastReleaseRevision = current.version
  status.lastAppliedRevision = current.chartVersion
}

function isOld({ object }: Work): boolean {
  const versions = versionsWritten(object)
  return oldVersions.some((it) => versions.has(it))
}

/** SHA-1 of the values in YAML, of nothing when there are none. Source: helm-controller of Flux 2.1. */
function checksum(values: MutableValues): string {
  const text = values.size === 0 ? '' : printYaml(values, { keyOrder: 'bytes' })
  return createHash('sha1').update(text).digest('hex')
}
