import { followObjects, formatObjectId } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { placedWhereKnown, ReleaseObjectError } from '../apply/placed.ts'
import type { WaitContext } from './poller.ts'
import { targetOf } from './targets.ts'

/** How Go says that the time is over. */
export const deadlineText = 'context deadline exceeded'

/**
 * Waits until none of the objects is there any more.
 *
 * @throws {ReleaseObjectError} in the words of the strategy
 */
export async function waitForDeletion(
  objects: readonly KubeObject[],
  strategy: 'poller' | 'legacy',
  { site, clock, timeoutMs }: WaitContext,
): Promise<void> {
  const targets = (await placedWhereKnown(objects, site)).map(targetOf)
  const { cluster, signal } = site
  await followObjects(targets, { cluster, signal, clock, timeoutMs }, (seen, isOver) => {
    const left = seen.filter((it) => it.object !== undefined || it.trouble !== undefined)
    const [first] = left
    if (first && isOver) {
      const which = strategy === 'poller' ? `${formatObjectId(first.target.id)} termination timeout: ` : ''
      throw new ReleaseObjectError(`${which}${deadlineText}`)
    }
    return left.map(({ target }) => target)
  })
}
