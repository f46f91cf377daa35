import type { JsonObject, JsonValue } from '@sluice/ports'
import { isObject, type MutableObject } from '../patch/json-values.ts'

/**
 * A set of field paths as a tree. Each step is named as in `FieldsV1`: `f:name` for a field or map key,
 * `k:{"name":"x"}` for an item of a keyed list, `v:"x"` for one of a set, `i:0` for a position.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export type FieldSet = {
  /** Whether the path that leads here is itself in the set. */
  readonly member: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

const noChildren: ReadonlyMap<string, FieldSet> = new Map()

export const emptySet: FieldSet = { member: false, children: noChildren }
export const leaf: FieldSet = { member: true, children: noChildren }

/** A tree being built: children are added in place before it is handed out. */
export type FieldSetBuilder = { member: boolean; readonly children: Map<string, FieldSet> }

export function isEmptySet(set: FieldSet): boolean {
  return !set.member && set.children.size === 0
}

export function childOf(set: FieldSet, step: string): FieldSet {
  return set.children.get(step) ?? emptySet
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a
  if (isEmptySet(a)) return b
  let children: Map<string, FieldSet> | undefined
  for (const [step, other] of b.children) {
    const own = a.children.get(step)
    const next = own ? union(own, other) : other
    if (next === own) continue
    children ??= new Map(a.children)
    children.set(step, next)
  }
  const member = a.member || b.member
  return !children && member === a.member ? a : { member, children: children ?? a.children }
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const [step, own] of a.children) {
    const other = b.children.get(step)
    const both = other ? intersection(own, other) : emptySet
    if (!isEmptySet(both)) children.set(step, both)
  }
  return { member: a.member && b.member, children }
}

/** What is in `a` but not in `b`, path by path: taking out a parent leaves its children. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a
  const children = new Map<string, FieldSet>()
  for (const [step, own] of a.children) {
    const other = b.children.get(step)
    const rest = other ? difference(own, other) : own
    if (!isEmptySet(rest)) children.set(step, rest)
  }
  return { member: a.member && !b.member, children }
}

/** As {@link difference}, but a path in `b` takes everything below it along. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return a
  if (b.member) return emptySet
  const children = new Map<string, FieldSet>()
  for (const [step, own] of a.children) {
    const other = b.children.get(step)
    const rest = other ? recursiveDifference(own, other) : own
    if (!isEmptySet(rest)) children.set(step, rest)
  }
  return { member: a.member, children }
}

export function setsEqual(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (a.member !== b.member || a.children.size !== b.children.size) return false
  for (const [step, own] of a.children) {
    const other = b.children.get(step)
    if (!other || !setsEqual(own, other)) return false
  }
  return true
}

/** A set of the named paths, each a list of steps. */
export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce((set, path) => union(set, pathSet(path)), emptySet)
}

/** The paths in the set as they are printed: those at one level first, then deeper ones, each sorted. */
export function printedPaths(set: FieldSet, prefix = ''): string[] {
  const steps = [...set.children].toSorted(([a], [b]) => compareSteps(a, b))
  return [
    ...steps.filter(([, it]) => it.member).map(([step]) => prefix + printStep(step)),
    ...steps.flatMap(([step, it]) => printedPaths(it, prefix + printStep(step))),
  ]
}

/** `.name`, `[name="x",port=80]`, `[="x"]` or `[0]`. */
export function printStep(step: string): string {
  const rest = step.slice(2)
  switch (step.slice(0, 2)) {
    case 'f:':
      return `.${rest}`
    case 'k:':
      return `[${printKey(JSON.parse(rest) as JsonObject)}]`
    case 'v:':
      return `[=${rest}]`
    default:
      return `[${rest}]`
  }
}

function printKey(key: JsonObject): string {
  return Object.keys(key)
    .map((name) => `${name}=${JSON.stringify(key[name])}`)
    .join(',')
}

function compareSteps(a: string, b: string): number {
  // Field names come before keys, values and positions.
  const order = 'fkvi'
  const kind = order.indexOf(a.slice(0, 1)) - order.indexOf(b.slice(0, 1))
  if (kind !== 0) return kind
  return a < b ? -1 : a > b ? 1 : 0
}

function pathSet([step, ...rest]: readonly string[]): FieldSet {
  return step === undefined ? leaf : { member: false, children: new Map([[step, pathSet(rest)]]) }
}

/** Sets that were read from frozen forms, and these forms: most sets are written as they were read. */
const formOfSet = new WeakMap<FieldSet, JsonObject>()
const setOfForm = new WeakMap<JsonObject, FieldSet>()

/** The form in which sets stand in `managedFields`. */
export function encodeFieldsV1(set: FieldSet): JsonObject {
  const known = formOfSet.get(set)
  if (known) return known
  const result: MutableObject = {}
  for (const [step, child] of set.children) {
    const inner = encodeFieldsV1(child)
    result[step] = child.member && child.children.size > 0 ? { '.': {}, ...inner } : inner
  }
  return result
}

const maxDepth = 500

/** Reads what {@link encodeFieldsV1} wrote; `undefined` when the value is not such a form. */
export function decodeFieldsV1(value: JsonValue | undefined): FieldSet | undefined {
  if (!isObject(value) || !Object.isFrozen(value)) return decodeNode(value, 0)
  const known = setOfForm.get(value)
  if (known) return known
  const set = decodeNode(value, 0)
  if (set) {
    setOfForm.set(value, set)
    formOfSet.set(set, value)
  }
  return set
}

function decodeNode(value: JsonValue | undefined, depth: number): FieldSet | undefined {
  if (!isObject(value) || depth > maxDepth) return undefined
  const names = Object.keys(value)
  const children = new Map<string, FieldSet>()
  let member = depth > 0 && names.length === 0
  for (const name of names) {
    if (name === '.') {
      member = true
      continue
    }
    if (!isStep(name)) return undefined
    const child = decodeNode(value[name], depth + 1)
    if (!child) return undefined
    children.set(name, child)
  }
  return { member, children }
}

function isStep(name: string): boolean {
  if (name.startsWith('f:')) return true
  if (name.startsWith('i:')) return /^-?\d+$/.test(name.slice(2))
  if (!name.startsWith('k:') && !name.startsWith('v:')) return false
  try {
    const value: unknown = JSON.parse(name.slice(2))
    return name.startsWith('v:') || isObject(value)
  } catch {
    return false
  }
}
