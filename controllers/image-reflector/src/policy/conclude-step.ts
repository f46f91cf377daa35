import { parseDurationMs } from '@sluice/go'
import { type ImageReference, versionsWritten } from '@sluice/toolkit'
import { markReady } from '../shared/notify.ts'
import { isSame } from './digest-step.ts'
import type { PolicyStep, PolicyWork } from './policy-work.ts'

/** Says what was chosen. */
export const conclude: PolicyStep = ({ run }) => {
  const { latestRef, observedPreviousRef } = run.status
  if (!latestRef) throw new TypeError('an image is reflected before')
  writeOldStatus(run)
  const message = describe(latestRef, observedPreviousRef)
  markReady(run, message, message)
  const { interval } = run.object.spec
  const requeueAfter = interval === undefined ? 0 : parseDurationMs(interval)
  return Promise.resolve({ kind: 'done', requeueAfter })
}

function describe(latest: ImageReference, previous: ImageReference | undefined): string {
  const resolved = `Latest image tag for ${latest.name} resolved to ${latest.tag}`
  const withDigest = latest.digest === undefined ? resolved : `${resolved} with digest ${latest.digest}`
  return previous && !isSame(latest, previous) ? `${withDigest} (previously ${nameOf(previous)})` : withDigest
}

const oldVersions = ['v1beta1', 'v1beta2']

/** Who writes an object in an old version reads its status in that version, too. */
function writeOldStatus({ object, status }: PolicyWork['run']): void {
  const versions = versionsWritten(object)
  // A record that is lost held an old version: the default of a field that it does not know has entered.
  const isOld = versions.size === 0 || oldVersions.some((it) => versions.has(it))
  const { latestRef, observedPreviousRef } = status
  status.latestImage = isOld && latestRef ? nameOf(latestRef) : undefined
  status.observedPreviousImage = isOld && observedPreviousRef ? nameOf(observedPreviousRef) : undefined
}

function nameOf({ name, tag, digest }: ImageReference): string {
  return `${name}:${tag}${digest === undefined ? '' : `@${digest}`}`
}
