import type { JsonObject } from '@sluice/ports'
import { TypedPatchError } from './apply-error.ts'
import { checkTyped } from './check-typed.ts'
import { type Comparison, compare } from './compare.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  setOf,
  union,
} from './field-set.ts'
import { capManagers, type Manager, managerKey, withFields } from './managers.ts'
import type { ValueType } from './typed-value.ts'

/** Who writes, through what, and what does not count. */
export type WriteContext = {
  readonly manager: string
  readonly apiVersion: string
  /** Empty for the object itself. */
  readonly subresource: string
  readonly type: ValueType
  /** Type of the same objects in another version; `undefined` when that is not served any more. */
  readonly typeOfVersion: (apiVersion: string) => ValueType | undefined
  /** Fields that this endpoint resets, so that nobody comes to own them through it. */
  readonly ignored: FieldSet
  /** RFC 3339 with second precision. */
  readonly now: string
}

/** Fields that belong to nobody. */
const unowned = setOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...[
    'clusterName',
    'creationTimestamp',
    'generation',
    'managedFields',
    'name',
    'namespace',
    'resourceVersion',
    'selfLink',
    'uid',
  ].map((it) => ['f:metadata', `f:${it}`]),
)

/** A set without the fields that nobody owns. */
export function withoutUnowned(set: FieldSet): FieldSet {
  return difference(set, unowned)
}

/**
 * Managers after a create, update or patch: the writer gets what it added or changed, everyone else loses that and
 * what was removed.
 *
 * @throws {TypedPatchError} when the object does not fit the version that another manager wrote in
 * @param live what was there; for a creation what an empty object of the type holds.
 */
export function trackUpdate(
  live: JsonObject,
  next: JsonObject,
  managers: readonly Manager[],
  context: WriteContext,
): readonly Manager[] {
  const versions = new Comparisons(live, next, context)
  const others = takeFrom(managers, versions)
  const { added, modified } = versions.own
  const gained = withoutUnowned(union(added, modified))
  if (isEmptySet(gained)) return withFields(others)
  const writer: Manager = {
    name: context.manager,
    operation: 'Update',
    apiVersion: context.apiVersion,
    subresource: context.subresource,
    time: context.now,
    fields: gained,
  }
  const key = managerKey(writer)
  const before = others.find((it) => managerKey(it) === key)
  const after = before ? { ...writer, fields: union(before.fields, gained) } : writer
  return capManagers(withFields([...others.filter((it) => it !== before), after]))
}

/** Comparisons of one change in the versions that managers wrote in, each made once. */
export class Comparisons {
  readonly own: Comparison
  readonly #live: JsonObject
  readonly #next: JsonObject
  readonly #context: WriteContext
  readonly #byVersion = new Map<string, Comparison | undefined>()

  constructor(live: JsonObject, next: JsonObject, context: WriteContext) {
    this.#live = live
    this.#next = next
    this.#context = context
    this.own = this.#compare(context.type)
    this.#byVersion.set(context.apiVersion, this.own)
  }

  /**
   * `undefined` when the version is not known any more: its managers then have nothing.
   * @throws {TypedPatchError} when the object has fields that the other version does not know
   */
  in(apiVersion: string): Comparison | undefined {
    if (!this.#byVersion.has(apiVersion)) {
      const type = this.#context.typeOfVersion(apiVersion)
      const same = type === this.#context.type ? this.own : undefined
      this.#byVersion.set(apiVersion, same ?? (type && this.#compareAs(type)))
    }
    return this.#byVersion.get(apiVersion)
  }

  #compareAs(type: ValueType): Comparison {
    checkConversion('old', this.#live, type)
    checkConversion('new', this.#next, type)
    return this.#compare(type)
  }

  #compare(type: ValueType): Comparison {
    const { added, modified, removed } = compare(this.#live, this.#next, type)
    const { ignored } = this.#context
    return {
      added: recursiveDifference(added, ignored),
      modified: recursiveDifference(modified, ignored),
      removed: recursiveDifference(removed, ignored),
    }
  }
}

function checkConversion(which: 'old' | 'new', object: JsonObject, type: ValueType): void {
  const problems = checkTyped(object, type)
  if (problems.length === 0) return
  throw new TypedPatchError(problems, `failed to convert ${which} object: `)
}

/** The managers without what the change has taken from them. */
function takeFrom(managers: readonly Manager[], versions: Comparisons): Manager[] {
  return managers.map((it) => {
    const comparison = versions.in(it.apiVersion)
    if (!comparison) return { ...it, fields: emptySet }
    const taken = union(changed(it, comparison), comparison.removed)
    return isEmptySet(taken) ? it : { ...it, fields: difference(it.fields, taken) }
  })
}

/** Fields of a manager that a change adds to or alters. */
export function changed(manager: Manager, { added, modified }: Comparison): FieldSet {
  return intersection(manager.fields, union(added, modified))
}
