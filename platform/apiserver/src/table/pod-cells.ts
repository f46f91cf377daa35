import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, numberOf, objectOf, textOf } from '../kinds/json-fields.ts'
import { since } from './format.ts'

function statuses(object: KubeObject, name: string): readonly JsonObject[] {
  return listOf(objectOf(object['status'])[name])
}

/** `1/2`: containers that are ready, and all of them. */
export function podReady(object: KubeObject): string {
  const ready = statuses(object, 'containerStatuses').filter(
    (it) => it.ready === true && objectOf(it.state).running !== undefined,
  )
  return `${ready.length}/${listOf(objectOf(object['spec']).containers).length}`
}

/** How often containers began anew, and when last. */
export function podRestarts(object: KubeObject, now: number): string {
  const all = statuses(object, 'containerStatuses')
  const count = all.reduce((sum, it) => sum + (numberOf(it.restartCount) ?? 0), 0)
  const last = all
    .map((it) => textOf(objectOf(objectOf(it.lastState).terminated).finishedAt))
    .toSorted()
    .at(-1)
  return count === 0 || !last ? String(count) : `${count} (${since(last, now)} ago)`
}

/** The one word for how a pod is doing. */
export function podStatus(object: KubeObject): string {
  const status = objectOf(object['status'])
  const { deletionTimestamp } = object.metadata
  const reason =
    initReason(object) ?? containerReason(object) ?? (textOf(status.reason) || textOf(status.phase))
  if (deletionTimestamp === undefined) return reason
  return status.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
}

function initReason(object: KubeObject): string | undefined {
  const all = statuses(object, 'initContainerStatuses')
  const total = listOf(objectOf(object['spec']).initContainers).length
  for (const [index, { state }] of all.entries()) {
    const { terminated, waiting } = objectOf(state)
    if (terminated !== undefined) {
      const { exitCode, reason } = objectOf(terminated)
      if (exitCode === 0) continue
      return `Init:${textOf(reason) || `ExitCode:${numberOf(exitCode)}`}`
    }
    const why = textOf(objectOf(waiting).reason)
    if (why !== '' && why !== 'PodInitializing') return `Init:${why}`
    return `Init:${index}/${total}`
  }
  return undefined
}

function containerReason(object: KubeObject): string | undefined {
  let found: string | undefined
  let running = false
  for (const { state, ready } of statuses(object, 'containerStatuses').toReversed()) {
    const { waiting, terminated, running: runs } = objectOf(state)
    const why = textOf(objectOf(waiting).reason)
    if (why !== '') found = why
    else if (terminated !== undefined) {
      const { reason, exitCode, signal } = objectOf(terminated)
      found =
        textOf(reason) || (numberOf(signal) ? `Signal:${numberOf(signal)}` : `ExitCode:${numberOf(exitCode)}`)
    } else if (ready === true && runs !== undefined) running = true
  }
  // One that has ended does not make a pod complete while another runs.
  return found === 'Completed' && running ? 'Running' : found
}
