import type { KubeObject } from '@sluice/ports'
import { deepEqual } from './deep-equal.ts'
import { pointerSegments, readPointer, withPointer } from './json-pointer.ts'
import { isAppliedByOther } from './managed-fields.ts'

/**
 * Whether what applying would give differs from what is there: in labels, annotations, or anything but metadata and
 * status. Fields at the ignored pointers do not count.
 */
export function hasDrifted(live: KubeObject, wouldBe: KubeObject, ignored: readonly string[]): boolean {
  return !deepEqual(comparable(live, ignored), comparable(wouldBe, ignored))
}

/**
 * What to apply so that ignored fields stay as they are: a field that another manager applied is left out, one that is the
 * applier's alone is applied with its live value.
 */
export function respectIgnored(
  desired: KubeObject,
  {
    live,
    wouldBe,
    ignored,
    applier,
  }: {
    readonly live: KubeObject
    readonly wouldBe: KubeObject
    readonly ignored: readonly string[]
    readonly applier: string
  },
): KubeObject {
  let object: unknown = desired
  for (const pointer of ignored) {
    const segments = pointerSegments(pointer)
    const liveValue = readPointer(live, segments)
    if (deepEqual(liveValue, readPointer(wouldBe, segments))) continue
    const isForeign = isAppliedByOther(live, segments, applier)
    object = withPointer(object, segments, isForeign ? undefined : liveValue)
  }
  return object as KubeObject
}

function comparable(object: KubeObject, ignored: readonly string[]): unknown {
  const { metadata, status: _, ...content } = object
  const { labels = {}, annotations = {} } = metadata
  return ignored.reduce<unknown>(
    (value, pointer) => withPointer(value, pointerSegments(pointer), undefined),
    { ...content, metadata: { labels, annotations } },
  )
}
