import type { KubeObject } from '@sluice/ports'
import type { Release } from '../release/release.ts'
import { type Action, objectsOf } from './effects.ts'
import { byOwner } from './ownership.ts'
import { isPending, wasCutShort } from './unlock.ts'

/**
 * Objects of the release that nobody would think of any more: an action that was cut short may have made some of them, or
 * may not have come to remove them.
 *
 * @param known what is thought of already
 */
export function* objectsInDoubt(
  history: readonly Release[],
  { owner, known }: { readonly owner: Release; readonly known: readonly KubeObject[] },
): Action<readonly KubeObject[]> {
  const keys = new Set(known.map(objectKey))
  const forgotten: KubeObject[] = []
  for (const object of revisionsInDoubt(history).flatMap(({ manifest }) => objectsOf(manifest))) {
    if (keys.has(objectKey(object))) continue
    keys.add(objectKey(object))
    forgotten.push(object)
  }
  return (yield* byOwner(forgotten, owner)).own
}

/** The revision that is deployed and all later ones, when one of these was cut short. */
function revisionsInDoubt(history: readonly Release[]): readonly Release[] {
  const deployed = history.findLast(({ info }) => info.status === 'deployed')
  const since = history.filter(({ revision }) => revision >= (deployed?.revision ?? 0))
  const isOpen = (it: Release): boolean =>
    wasCutShort(it) ||
    isPending(it.info.status) ||
    // An upgrade that was cut short, and then an uninstall of it.
    (it.info.status === 'uninstalling' && deployed !== undefined)
  return since.some(isOpen) ? since : []
}

/** What an object is, within a manifest. */
export function objectKey({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}
