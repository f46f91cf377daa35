import { idOf, type Target } from '@sluice/cluster'
import { type KubeObject, parseApiVersion } from '@sluice/ports'
import { type Placed, placed, type Site } from '../apply/placed.ts'

/** An object that is waited for. */
export type Awaited = { readonly target: Target; readonly placed: Placed }

/** Objects as they are waited for; one whose name the server gives cannot be. */
export async function awaited(objects: readonly KubeObject[], site: Site): Promise<readonly Awaited[]> {
  const all = await Promise.all(objects.map((it) => placed(it, site)))
  return all.filter(({ key }) => key.name !== '').map((it) => ({ placed: it, target: targetOf(it) }))
}

export function targetOf({ object }: Placed): Target {
  return { id: idOf(object), version: parseApiVersion(object.apiVersion).version }
}
