import type { JsonObject, JsonValue } from '@sluice/ports'
import { builtinSchema } from '@sluice/schema'
import {
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  integer,
  property,
  record,
  uniqueArray,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyConfiguration } from './apply-configuration.ts'
import { ApplyConflictError } from './apply-error.ts'
import {
  decodeFieldsV1,
  difference,
  emptySet,
  encodeFieldsV1,
  type FieldSet,
  intersection,
  printedPaths,
  setOf,
  setsEqual,
  union,
} from './field-set.ts'
import { decodeManagers, encodeManagers, type Manager } from './managers.ts'
import { trackUpdate, type WriteContext } from './track-update.ts'

const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })
if (!deployment) throw new Error('no schema of Deployments')
const type = deployment

const context = (manager: string): WriteContext => ({
  manager,
  apiVersion: 'apps/v1',
  subresource: '',
  type,
  typeOfVersion: () => type,
  ignored: emptySet,
  now: '2026-01-01T00:00:00Z',
})

type State = { readonly object: JsonObject; readonly managers: readonly Manager[] }
const base: JsonObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }
const start: State = { object: base, managers: [] }

function apply(state: State, manager: string, spec: JsonObject, force = false): State {
  return applyConfiguration(state.object, { ...base, spec }, state.managers, { ...context(manager), force })
}

function update(state: State, manager: string, spec: JsonObject): State {
  const object = { ...base, spec }
  return { object, managers: trackUpdate(state.object, object, state.managers, context(manager)) }
}

/** What each manager has, as printed paths. */
const owned = ({ managers }: State): Record<string, string[]> =>
  Object.fromEntries(managers.map((it) => [`${it.name} ${it.operation}`, printedPaths(it.fields)]))

const containers = (...items: JsonObject[]): JsonObject => ({ template: { spec: { containers: items } } })

describe('applyConfiguration', () => {
  test('adds, changes and removes what its manager names', () => {
    const one = apply(start, 'a', { replicas: 1, paused: true })
    const two = apply(one, 'a', { replicas: 2 })
    expect(two.object['spec']).toEqual({ replicas: 2 })
    expect(owned(two)).toEqual({ 'a Apply': ['.spec.replicas'] })
  })

  test('what another manager has is a conflict, and changes hands when forced', () => {
    const one = apply(start, 'a', { replicas: 1, paused: true })
    expect(() => apply(one, 'b', { replicas: 2 })).toThrow(ApplyConflictError)
    const two = apply(one, 'b', { replicas: 2 }, true)
    expect(owned(two)).toEqual({ 'a Apply': ['.spec.paused'], 'b Apply': ['.spec.replicas'] })
  })

  test('fields of the same value are shared, and stay until the last lets go', () => {
    const shared = apply(apply(start, 'a', { replicas: 1 }), 'b', { replicas: 1 })
    const left = apply(shared, 'a', {})
    expect(left.object['spec']).toEqual({ replicas: 1 })
    expect(apply(left, 'b', {}).object['spec'] ?? {}).toEqual({})
  })

  test('items of lists with keys have their own owners', () => {
    const one = apply(start, 'a', containers({ name: 'x', image: 'i' }))
    const two = apply(one, 'b', containers({ name: 'y', image: 'j' }))
    const three = apply(two, 'a', containers())
    expect(three.object['spec']).toEqual(containers({ name: 'y', image: 'j' }))
  })

  test('a field that an update changes is no longer the applier’s', () => {
    const one = apply(start, 'a', { replicas: 1, paused: true })
    const two = update(one, 'scaler', { replicas: 5, paused: true })
    expect(owned(two)).toEqual({ 'a Apply': ['.spec.paused'], 'scaler Update': ['.spec.replicas'] })
    expect(() => apply(two, 'a', { replicas: 1 })).toThrow('conflict with "scaler"')
  })

  const specs = record(
    {
      replicas: integer({ min: 0, max: 3 }),
      paused: boolean(),
      selector: record({ matchLabels: dictionary(constantFrom('a', 'b'), constantFrom('1', '2')) }),
      template: record({
        spec: record({
          containers: uniqueArray(
            record({
              name: constantFrom('x', 'y', 'z'),
              image: constantFrom('i', 'j'),
              env: uniqueArray(record({ name: constantFrom('E', 'F'), value: constantFrom('1', '2') }), {
                selector: (it) => it.name,
              }),
            }),
            { selector: (it) => it.name },
          ),
        }),
      }),
    },
    { requiredKeys: [] },
  )
  const steps = array(record({ who: constantFrom('a', 'b', 'c'), spec: specs, updates: boolean() }), {
    maxLength: 6,
  })

  test('whatever happened before: a forced apply holds, again it changes nothing, and it has what it names', () => {
    assert(
      property(steps, specs, (history, spec) => {
        let state = start
        for (const { who, spec: next, updates } of history) {
          state = updates ? update(state, who, next) : apply(state, who, next, true)
        }
        const applied = apply(state, 'last', spec, true)
        expect(holds(applied.object['spec'] ?? {}, spec)).toBe(true)
        const again = apply(applied, 'last', spec)
        expect(again.object).toEqual(applied.object)
        expect(encodeManagers(again.managers)).toEqual(encodeManagers(applied.managers))
        expect(encodeManagers(decodeManagers(encodeManagers(applied.managers)))).toEqual(
          encodeManagers(applied.managers),
        )
      }),
    )
  })
})

/** Whether `part` is in `whole`, items of lists found by their name. */
function holds(whole: JsonValue, part: JsonValue): boolean {
  if (Array.isArray(part)) {
    return part.every((it: JsonValue) =>
      (whole as JsonValue[]).some((own) => nameOf(own) === nameOf(it) && holds(own, it)),
    )
  }
  if (typeof part !== 'object' || part === null) return whole === part
  return Object.entries(part).every(
    ([name, it]) => it === undefined || isNothing(it) || holds((whole as JsonObject)[name] ?? null, it),
  )
}

const nameOf = (value: JsonValue): unknown => (value as JsonObject)['name']
/** Empty lists and maps may be left out. */
const isNothing = (value: JsonValue): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const flat = (set: FieldSet): Set<string> => new Set(printedPaths(set))
const sorted = (paths: Iterable<string>): string[] => [...paths].toSorted()

describe('field sets', () => {
  const step = constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:"x"', 'i:0')
  const tree = array(array(step, { minLength: 1, maxLength: 4 }), { maxLength: 6 }).map((paths) =>
    setOf(...paths),
  )

  test('are sets of paths', () => {
    assert(
      property(tree, tree, (a, b) => {
        const [left, right] = [flat(a), flat(b)]
        expect(sorted(flat(union(a, b)))).toEqual(sorted(new Set([...left, ...right])))
        expect(sorted(flat(intersection(a, b)))).toEqual(sorted([...left].filter((it) => right.has(it))))
        expect(sorted(flat(difference(a, b)))).toEqual(sorted([...left].filter((it) => !right.has(it))))
        expect(setsEqual(union(a, b), union(b, a))).toBe(true)
      }),
    )
  })

  test('are what was written when they are read again', () => {
    assert(
      property(tree, (set) => {
        const read = decodeFieldsV1(encodeFieldsV1(set))
        expect(read && printedPaths(read)).toEqual(printedPaths(set))
      }),
    )
  })
})
