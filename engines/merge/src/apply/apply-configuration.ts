import type { JsonObject, JsonValue } from '@sluice/ports'
import { fieldOf, isObject, jsonEqual } from '../patch/json-values.ts'
import { ApplyConflictError } from './apply-error.ts'
import { compare } from './compare.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  recursiveDifference,
  setsEqual,
  union,
} from './field-set.ts'
import { type Manager, managerKey, withFields } from './managers.ts'
import { removeItems, withNamedFields } from './remove-items.ts'
import { toFieldSet } from './to-field-set.ts'
import { Comparisons, changed, type WriteContext, withoutUnowned } from './track-update.ts'
import { typedMerge } from './typed-merge.ts'
import type { ValueType } from './typed-value.ts'

export type Applied = { readonly object: JsonObject; readonly managers: readonly Manager[] }

export type ApplyContext = WriteContext & { readonly force: boolean }

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'
/** Annotations of an object may not be larger than this in all. */
const maxAnnotationBytes = 262_144

/**
 * Server-side apply: lays `configuration` over the live object, removes what its manager named last time and names no
 * more, and moves ownership.
 *
 * The manager `kubectl` may take over what client-side apply has recorded in its annotation.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
 * @param live the object, or what an empty object of the type holds when there is none.
 * @throws {ApplyConflictError} when others have what would change, unless forced.
 */
export function applyConfiguration(
  live: JsonObject,
  configuration: JsonObject,
  managers: readonly Manager[],
  context: ApplyContext,
): Applied {
  const isKubectl = context.manager === 'kubectl' && lastApplied(live) !== undefined
  const base = isKubectl ? withLastApplied(live, configuration) : live
  try {
    return applyOnce(base, configuration, managers, context)
  } catch (error) {
    if (!(error instanceof ApplyConflictError) || !isKubectl) throw error
    const allowed = ownedByClientSideApply(live, context.type)
    const rest = withFields(error.managers.map((it) => ({ ...it, fields: difference(it.fields, allowed) })))
    if (rest.length > 0) throw new ApplyConflictError(rest)
    return applyOnce(base, configuration, managers, { ...context, force: true })
  }
}

function applyOnce(
  live: JsonObject,
  configuration: JsonObject,
  managers: readonly Manager[],
  context: ApplyContext,
): Applied {
  const { type, ignored } = context
  const named = recursiveDifference(toFieldSet(configuration, type), ignored)
  const applier: Manager = {
    name: context.manager,
    operation: 'Apply',
    apiVersion: context.apiVersion,
    subresource: context.subresource,
    time: context.now,
    fields: withoutUnowned(named),
  }
  const key = managerKey(applier)
  const last = managers.find((it) => managerKey(it) === key)
  // The very set that was read is written without being put into its form anew.
  const fields = last && setsEqual(last.fields, applier.fields) ? last.fields : applier.fields
  const others = managers.filter((it) => it !== last)
  const merged = typedMerge(live, configuration, type) ?? live
  const before = last?.fields ?? emptySet
  const object = prune(merged, {
    last: before,
    givenUp: difference(before, named),
    managers: [...others, { ...applier, fields: named }],
    type,
  })
  const versions = new Comparisons(live, object, context)
  const conflicts: Manager[] = []
  const rest = others.map((it) => {
    const comparison = versions.in(it.apiVersion)
    if (!comparison) return { ...it, fields: emptySet }
    const taken = changed(it, comparison)
    if (!isEmptySet(taken)) conflicts.push({ ...it, fields: taken })
    const gone = union(taken, comparison.removed)
    return isEmptySet(gone) ? it : { ...it, fields: difference(it.fields, gone) }
  })
  if (conflicts.length > 0 && !context.force) throw new ApplyConflictError(conflicts)
  // Applying what is already there leaves no time.
  const time = jsonEqual(live, object) ? last?.time : context.now
  return { object, managers: withFields([...rest, { ...applier, fields, time }]) }
}

type Pruning = {
  /** What the applier had before. */
  readonly last: FieldSet
  /** What of it the applier names no more. */
  readonly givenUp: FieldSet
  /** All managers, the applier with what it has now. */
  readonly managers: readonly Manager[]
  readonly type: ValueType
}

/** Removes what the applier has given up, unless another applier has it too. */
function prune(merged: JsonValue, { last, givenUp, managers, type }: Pruning): JsonObject {
  if (isEmptySet(givenUp)) return asObject(merged)
  const named = withNamedFields(last, type)
  const pruned = removeItems(merged, named, type) ?? {}
  const applied = managers
    .filter((it) => it.operation === 'Apply')
    .reduce((set, it) => union(set, it.fields), emptySet)
  const mergedSet = withNamedFields(toFieldSet(merged, type), type)
  const prunedSet = withNamedFields(toFieldSet(pruned, type), type)
  const kept = union(prunedSet, withNamedFields(applied, type))
  const withOwned = removeItems(merged, difference(mergedSet, kept), type) ?? {}
  // Whatever nobody named last time was not the applier's to remove.
  const ownedSet = withNamedFields(toFieldSet(withOwned, type), type)
  return asObject(removeItems(merged, intersection(difference(mergedSet, ownedSet), named), type) ?? {})
}

/** Fields that client-side apply has written and that still hold what it wrote. */
function ownedByClientSideApply(live: JsonObject, type: ValueType): FieldSet {
  const recorded = lastApplied(live)
  if (recorded === undefined) return emptySet
  let configuration: JsonValue
  try {
    configuration = JSON.parse(recorded) as JsonValue
  } catch (error) {
    if (error instanceof SyntaxError) return emptySet
    throw error
  }
  const { added, modified, removed } = compare(configuration, live, type)
  return difference(toFieldSet(configuration, type), union(union(added, modified), removed))
}

function lastApplied(object: JsonObject): string | undefined {
  const { metadata } = object
  const annotations = isObject(metadata) ? metadata.annotations : undefined
  const value = isObject(annotations) ? fieldOf(annotations, lastAppliedAnnotation) : undefined
  return typeof value === 'string' ? value : undefined
}

/** Keeps the annotation of client-side apply true, so that a user can go back to it. */
function withLastApplied(live: JsonObject, configuration: JsonObject): JsonObject {
  const metadata = asObject(live.metadata ?? {})
  const annotations = asObject(metadata.annotations ?? {})
  const applied = asObject(configuration.metadata ?? {})
  const { [lastAppliedAnnotation]: _, ...own } = asObject(applied.annotations ?? {})
  const recorded = `${JSON.stringify({ ...configuration, metadata: { ...applied, annotations: own } })}\n`
  const value = recorded.length > maxAnnotationBytes ? '' : recorded
  return {
    ...live,
    metadata: { ...metadata, annotations: { ...annotations, [lastAppliedAnnotation]: value } },
  }
}

function asObject(value: JsonValue): JsonObject {
  return isObject(value) ? value : {}
}
