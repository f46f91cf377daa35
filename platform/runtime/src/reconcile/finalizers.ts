import type { KubeObject } from '@sluice/ports'
import type { MergePatch } from './merge-diff.ts'

export function hasFinalizer({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false
}

/** The patch that adds `finalizer`, if it is missing. */
export function addFinalizer(object: KubeObject, finalizer: string): MergePatch | undefined {
  if (hasFinalizer(object, finalizer)) return undefined
  return { metadata: { finalizers: [...(object.metadata.finalizers ?? []), finalizer] } }
}

/** The patch that takes `finalizer` away, if it is there. */
export function removeFinalizer(object: KubeObject, finalizer: string): MergePatch | undefined {
  if (!hasFinalizer(object, finalizer)) return undefined
  const others = (object.metadata.finalizers ?? []).filter((it) => it !== finalizer)
  return { metadata: { finalizers: others.length > 0 ? others : null } }
}
