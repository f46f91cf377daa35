import { type Comprehension, type Expression, operators } from '../syntax/expression.ts'
import { ListValue } from '../values/list-value.ts'
import { CelError, type CelValue, noSuchOverload } from '../values/value.ts'
import { type Evaluate, type Frame, spend } from './frame.ts'
import type { PlanNode } from './node.ts'
import { goTypeOf } from './qualify.ts'

/** Where the variables of a comprehension are kept. */
export type FoldSlots = {
  readonly accumulator: number
  readonly first: number
  readonly second: number | undefined
}

type Fold = {
  readonly range: Evaluate
  readonly slots: FoldSlots
  readonly condition: PlanNode
  readonly step: Evaluate
  readonly result: Evaluate
}

/** What making a list costs. */
export const listCost = 10

/**
 * Compiles a comprehension. The accumulator's first value is computed when it is first read, which may be never.
 */
export function planFold({ range, slots, condition, step, result }: Fold): Evaluate {
  const holds = condition.evaluate
  return (frame) => {
    frame.slots[slots.accumulator] = undefined
    const collection = range(frame)
    const failure = iterate(collection, slots, frame, () => {
      const value = holds(frame)
      if (typeof value === 'boolean' && !value) return false
      frame.slots[slots.accumulator] = step(frame)
      return true
    })
    return failure ?? result(frame)
  }
}

/** What `map` and `filter` become: items that are appended to a list. */
export type GatherShape = { readonly item: Expression; readonly filter: Expression | undefined }

/** Recognizes comprehensions that append one item a round, which then need not copy the list each time. */
export function gatherShape({
  initial,
  condition,
  step,
  result,
  accumulator,
}: Comprehension): GatherShape | undefined {
  const isGathering =
    initial.kind === 'list' &&
    initial.elements.length === 0 &&
    condition.kind === 'literal' &&
    condition.value === true &&
    isIdent(result, accumulator)
  if (!isGathering) return undefined
  const item = appended(step, accumulator)
  if (item) return { item, filter: undefined }
  if (step.kind !== 'call' || step.name !== operators.conditional) return undefined
  const [filter, yes, no] = step.args
  const filtered = yes && appended(yes, accumulator)
  return filter && filtered && no && isIdent(no, accumulator) ? { item: filtered, filter } : undefined
}

/** The item of `accumulator + [item]`. */
function appended(step: Expression, accumulator: string): Expression | undefined {
  if (step.kind !== 'call' || step.name !== operators.add || step.target) return undefined
  const [left, right] = step.args
  if (!left || !isIdent(left, accumulator) || right?.kind !== 'list' || right.optionals.size > 0) {
    return undefined
  }
  return right.elements.length === 1 ? right.elements[0] : undefined
}

function isIdent(expression: Expression, name: string): boolean {
  return expression.kind === 'ident' && expression.name === name
}

type Gather = {
  readonly range: Evaluate
  readonly slots: FoldSlots
  readonly filter: Evaluate | undefined
  readonly item: PlanNode
  /** What the empty list costs that the rounds begin with. */
  readonly initialCost: number
  /** Whether a list of a constant is made once, not in every round. */
  readonly foldsConstants: boolean
}

export function planGather({ range, slots, filter, item, initialCost, foldsConstants }: Gather): Evaluate {
  const itemCost = foldsConstants && item.constant !== undefined ? 0 : listCost
  return (frame) => {
    const items: CelValue[] = []
    let failed: CelError | undefined
    let isStarted = false
    const start = (): void => {
      // The empty list that the rounds begin with costs as any list does; a constant one costs nothing.
      if (!isStarted) spend(frame, initialCost)
      isStarted = true
    }
    // A failure does not end the rounds: they go on to cost what they cost.
    const failure = iterate(range(frame), slots, frame, () => {
      const isWanted = filter ? filter(frame) : true
      if (isWanted === false) return true
      if (isWanted !== true) {
        failed = isWanted instanceof CelError ? isWanted : noSuchOverload
        isStarted = true
        return true
      }
      // The accumulator is read, a list of one made, and both are added.
      start()
      spend(frame, 1)
      const value = item.evaluate(frame)
      spend(frame, itemCost)
      spend(frame, 1)
      if (value instanceof CelError) failed ??= value
      else items.push(value)
      return true
    })
    if (failure) return failure
    start()
    spend(frame, 1)
    return failed ?? new ListValue(items)
  }
}

/** Runs `round` for each item or key; a failure where there is nothing to go through. */
function iterate(
  collection: CelValue,
  slots: FoldSlots,
  frame: Frame,
  round: () => boolean,
): CelError | undefined {
  if (collection instanceof CelError) return collection
  if (collection instanceof ListValue) return iterateList(collection.items, slots, frame, round)
  const isMap = typeof collection === 'object' && collection !== null && 'kind' in collection
  if (isMap && collection.kind === 'map') {
    const { first, second } = slots
    for (const key of collection.keys()) {
      frame.slots[first] = key
      if (second !== undefined) frame.slots[second] = collection.find(key) ?? null
      if (!round()) break
    }
    return undefined
  }
  const name = goTypeOf(collection)
  return new CelError(
    slots.second === undefined
      ? `got '${name}', expected iterable type`
      : `unsupported comprehension range type: ${name}`,
  )
}

function iterateList(
  items: readonly CelValue[],
  { first, second }: FoldSlots,
  frame: Frame,
  round: () => boolean,
): undefined {
  for (let index = 0; index < items.length; index++) {
    const item = items[index] ?? null
    frame.slots[first] = second === undefined ? item : index
    if (second !== undefined) frame.slots[second] = item
    if (!round()) return
  }
}
