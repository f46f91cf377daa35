import type { JsonObject, JsonValue } from '@sluice/ports'
import { fieldOf, isList, isObject, jsonEqual, type MutableObject, setField } from '../patch/json-values.ts'
import { fieldType, itemStep, itemType, type Shape, shapeOf, type ValueType } from './typed-value.ts'

/**
 * Lays an applied configuration over a live value: what it names wins, the rest stays. Where nothing changes the live
 * value itself is returned, so that comparing the two costs nothing.
 */
export function typedMerge(
  live: JsonValue | undefined,
  applied: JsonValue | undefined,
  type: ValueType,
): JsonValue | undefined {
  if (applied === undefined || live === applied) return live
  if (live === undefined) return applied
  const shape = shapeOf(type, applied)
  if (shape === 'map' && isObject(applied) && isObject(live)) return mergeMaps(live, applied, type)
  if ((shape === 'set' || shape === 'keyed') && isList(applied) && isList(live)) {
    return mergeLists(live, applied, { type, shape })
  }
  return jsonEqual(live, applied) ? live : applied
}

function mergeMaps(live: JsonObject, applied: JsonObject, type: ValueType): JsonObject {
  let result: MutableObject | undefined
  for (const name of Object.keys(applied)) {
    const own = fieldOf(live, name)
    const merged = typedMerge(own, applied[name], fieldType(type, name) ?? 'opaque')
    if (merged === undefined || merged === own) continue
    result ??= { ...live }
    setField(result, name, merged)
  }
  return result ?? live
}

/**
 * The applied items come in their own order. Live items that the configuration does not name stay in front of the
 * shared item that they stand before in the live list, or at the end.
 */
function mergeLists(
  live: readonly JsonValue[],
  applied: readonly JsonValue[],
  { type, shape }: { readonly type: ValueType; readonly shape: Shape },
): readonly JsonValue[] {
  const liveSteps = live.map((item) => itemStep(type, shape, item))
  const appliedSteps = applied.map((item) => itemStep(type, shape, item))
  const liveByStep = uniqueIndex(liveSteps, live)
  const appliedNames = new Set(appliedSteps)
  const liveNames = new Set(liveSteps)
  const shared = appliedSteps.filter((step) => liveNames.has(step))
  const done = new Set<string | undefined>()
  const result: JsonValue[] = []
  const items = itemType(type)
  const take = (index: number): void => {
    const step = appliedSteps[index]
    done.add(step)
    const merged = typedMerge(step === undefined ? undefined : liveByStep.get(step), applied[index], items)
    if (merged !== undefined) result.push(merged)
  }
  let l = 0
  let r = 0
  let nextShared = 0
  while (l < live.length || r < applied.length) {
    const step = liveSteps[l]
    const isApplied = l < live.length && appliedNames.has(step)
    if (l < live.length && r < applied.length) {
      if (step === appliedSteps[r]) {
        take(r)
        l += 1
        r += 1
        nextShared += 1
        continue
      }
      if (isApplied && nextShared < shared.length && shared[nextShared] !== step) {
        l += 1
        continue
      }
    }
    if (l < live.length && !isApplied) {
      result.push(live[l] ?? null)
      l += 1
      continue
    }
    if (l < live.length && done.has(step)) l += 1
    if (r < applied.length) {
      if (shared[nextShared] === appliedSteps[r]) nextShared += 1
      take(r)
      r += 1
    }
  }
  const isSame = result.length === live.length && result.every((item, index) => item === live[index])
  return isSame ? live : result
}

/** Items that appear once, by their step: of duplicates none can be merged into. */
function uniqueIndex(
  steps: readonly (string | undefined)[],
  list: readonly JsonValue[],
): ReadonlyMap<string, JsonValue> {
  const result = new Map<string, JsonValue>()
  const seen = new Set<string>()
  steps.forEach((step, index) => {
    if (step === undefined) return
    if (seen.has(step)) result.delete(step)
    else result.set(step, list[index] ?? null)
    seen.add(step)
  })
  return result
}
