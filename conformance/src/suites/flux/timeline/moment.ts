import type { KubeObject } from '@sluice/ports'
import type { Version } from './timeline.ts'

type Search = {
  /** Where the object was when it was last recorded: time does not run backwards. */
  readonly since: number
  /** Whether a version is what was recorded. */
  readonly isRecorded: (object: KubeObject) => boolean
  /** Whether two versions say the same but for what the passing of time changes. */
  readonly isSame: (a: KubeObject, b: KubeObject) => boolean
}

/**
 * Finds the version that a record shows. Recordings are samples, taken at a moment that nobody wrote down of controllers that are
 * slower than ours:
 *
 * - what was recorded in passing (at work, waiting, on its way out) is looked for among all that ours passed through since
 *   the record before;
 * - what was recorded at rest has to be where ours came to rest as well. It may have been set going again since, by an
 *   interval that passed, if it says the same whenever it is at rest.
 *
 * Returns nothing when ours was never in the recorded state, or did not stay where it belongs.
 */
export function findMoment(
  versions: readonly Version[],
  recorded: KubeObject,
  { since, isRecorded, isSame }: Search,
): Version | undefined {
  const passing = isPassing(recorded)
  const rests: KubeObject[] = []
  for (const version of versions.toReversed()) {
    if (version.revision < since) return undefined
    const { object } = version
    if (!object) {
      // Somebody who was at rest does not vanish.
      if (!passing) return undefined
      continue
    }
    if (isRecorded(object) && (passing || rests.every((it) => isSame(it, object)))) return version
    if (!isPassing(object)) rests.push(object)
  }
  return undefined
}

/** Whether an object will not stay as it is: its controller is at work, has not come to it yet, or is to delete it. */
export function isPassing({ metadata, status }: KubeObject): boolean {
  if (metadata.deletionTimestamp !== undefined) return true
  const { conditions = [], observedGeneration } = (status ?? {}) as Status
  const reconciling = conditions.find(({ type, status: value }) => type === 'Reconciling' && value === 'True')
  if (reconciling) return reconciling.reason !== 'ProgressingWithRetry'
  const isStalled = conditions.some(({ type, status: value }) => type === 'Stalled' && value === 'True')
  return !isStalled && observedGeneration !== undefined && observedGeneration !== metadata.generation
}

type Status = {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[]
  readonly observedGeneration?: number
}
