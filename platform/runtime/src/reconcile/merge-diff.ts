import { deepEqual } from '@sluice/cluster'

/** A JSON merge patch (RFC 7386): `null` removes. */
export type MergePatch = { readonly [key: string]: unknown }

/** What turns `before` into `after`; `undefined` when nothing does. Lists are replaced as a whole. */
export function mergeDiff(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): MergePatch | undefined {
  const patch: Record<string, unknown> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, wanted] = [before[key], after[key]]
    if (wanted === undefined) {
      if (old !== undefined) patch[key] = null
    } else if (isRecord(old) && isRecord(wanted)) {
      const inner = mergeDiff(old, wanted)
      if (inner) patch[key] = inner
    } else if (!deepEqual(old, wanted)) {
      patch[key] = wanted
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
