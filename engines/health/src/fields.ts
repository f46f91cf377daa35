import type { KubeObject } from '@sluice/ports'

/** The parts of a condition that health is decided by. Foreign kinds leave any of them out. */
export type StatusCondition = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** What is at a dotted `path` of `object`, or `undefined`. */
export function fieldAt(object: unknown, path: string): unknown {
  let value = object
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** The integer at `path`; `fallback` where there is none. */
export function intAt(object: unknown, path: string, fallback: number): number {
  const value = fieldAt(object, path)
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback
}

/** The text at `path`; `fallback` where there is none. */
export function textAt(object: unknown, path: string, fallback: string): string {
  const value = fieldAt(object, path)
  return typeof value === 'string' ? value : fallback
}

/** The conditions in the object's status; entries that are no objects are passed over. */
export function conditionsOf(object: KubeObject): readonly StatusCondition[] {
  const list = fieldAt(object, 'status.conditions')
  if (!Array.isArray(list)) return []
  return list
    .filter((item) => typeof item === 'object' && item !== null)
    .map((item) => ({
      type: textAt(item, 'type', ''),
      status: textAt(item, 'status', ''),
      reason: textAt(item, 'reason', ''),
      message: textAt(item, 'message', ''),
    }))
}

/** Whether the object has a condition `type` with `status`. */
export function hasCondition(object: KubeObject, type: string, status: string): boolean {
  return conditionsOf(object).some((condition) => condition.type === type && condition.status === status)
}
