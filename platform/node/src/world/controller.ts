import type { KubeObject } from '@sluice/ports'
import type { KindName } from './kinds.ts'
import { controllerOf } from './object-store.ts'
import type { World } from './world.ts'

/**
 * One controller: brings the world closer to what the object named `key` asks for.
 *
 * `reconcile` runs once at a time for a key, and again after every change that `triggers` names. It returns the
 * milliseconds after which to look again, if time alone may change something.
 */
export type Controller = {
  readonly name: string
  /** Keys to reconcile when an object of a kind changed. */
  readonly triggers: Partial<Record<KindName, (object: KubeObject, world: World) => Iterable<string>>>
  readonly reconcile: (key: string, world: World) => Promise<number | undefined>
}

/** A trigger for objects of the controller's own kind. */
export function itself({ metadata }: KubeObject): string[] {
  return [`${metadata.namespace ?? ''}/${metadata.name ?? ''}`]
}

/** A trigger for what a `kind` owns: its owner's key. */
export function ownerOfKind(kind: string): (object: KubeObject) => string[] {
  return (object) => {
    const owner = controllerOf(object)
    return owner?.kind === kind ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : []
  }
}
