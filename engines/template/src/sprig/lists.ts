import {
  type Budget,
  compareGoStrings,
  GoError,
  type GoFunction,
  GoInt,
  GoMap,
  GoSlice,
  type GoValue,
  goKind,
} from '@sluice/go'
import { capacityOf, exactly } from '../builtins/capacity.ts'
import { subslice } from '../builtins/slice-value.ts'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'
import { textOf, toInt64 } from './cast.ts'
import { isEmpty } from './empty.ts'
import { itemsOf, listItems, nilDereference, textList, textsOf } from './list-items.ts'
import { deepEqual } from './reflection.ts'

const any = 'interface {}'
/** What an item of a list takes. */
const itemBytes = 8
const anys = '...interface {}'

const push = defineWithBudget([any, any], (budget, list, value) => [
  ...paid(budget, 'Cannot push on type', list),
  value,
])
const prepend = defineWithBudget([any, any], (budget, list, value) =>
  exactly([value, ...paid(budget, 'Cannot prepend on type', list)]),
)
const first = define([any], (list) => listItems('Cannot find first on type', list)[0] ?? null)
const last = define([any], (list) => listItems('Cannot find last on type', list).at(-1) ?? null)
const rest = defineWithBudget([any], (budget, list) =>
  part(paid(budget, 'Cannot find rest on type', list), 1),
)
const initial = defineWithBudget([any], (budget, list) =>
  part(paid(budget, 'Cannot find initial on type', list), 0, -1),
)
const reverse = defineWithBudget([any], (budget, list) =>
  exactly(paid(budget, 'Cannot find reverse on type', list).toReversed()),
)
const uniq = defineWithBudget([any], unique)
const without = defineWithBudget([any, anys], (budget, list, ...omitted) =>
  paid(budget, 'Cannot find without on type', list).filter((item) => !includes(omitted, item)),
)
const has = defineWithBudget([any, any], (budget, needle, list) =>
  list === null ? false : includes(paid(budget, 'Cannot find has on type', list), needle),
)
const compact = define([any], (list) =>
  listItems('Cannot compact on type', list).filter((item) => !isEmpty(item)),
)
const slice = define([any, anys], sliced)
const chunk = define(['int', any], chunks)
const list = define([anys], (...items) => exactly(items))

/** Sprig's lists. Source: Masterminds/sprig 3.3.0, list.go and strings.go. */
export const listFunctions: FunctionMap = new Map<string, GoFunction>([
  ['list', list],
  ['tuple', list],
  ['append', push],
  ['mustAppend', push],
  ['push', push],
  ['mustPush', push],
  ['prepend', prepend],
  ['mustPrepend', prepend],
  ['first', first],
  ['mustFirst', first],
  ['last', last],
  ['mustLast', last],
  ['rest', rest],
  ['mustRest', rest],
  ['initial', initial],
  ['mustInitial', initial],
  ['reverse', reverse],
  ['mustReverse', reverse],
  ['uniq', uniq],
  ['mustUniq', uniq],
  ['without', without],
  ['mustWithout', without],
  ['has', has],
  ['mustHas', has],
  ['compact', compact],
  ['mustCompact', compact],
  ['slice', slice],
  ['mustSlice', slice],
  ['chunk', chunk],
  ['mustChunk', chunk],
  ['concat', defineWithBudget([anys], concatenated)],
  ['join', defineWithBudget(['string', any], joined)],
  ['sortAlpha', define([any], sorted)],
  ['toStrings', define([any], (value) => textList(textsOf(value)))],
  ['split', define(['string', 'string'], (separator, text) => numbered(splitText(text, separator)))],
  ['splitList', define(['string', 'string'], (separator, text) => textList(splitText(text, separator)))],
  [
    'splitn',
    define(['string', 'int', 'string'], (separator, count, text) =>
      numbered(splitText(text, separator, Number(count.value))),
    ),
  ],
])

/** Some of the elements; Sprig's result for an empty list is nil. */
function part(items: readonly GoValue[], from: number, to?: number): GoValue {
  return items.length === 0 ? new GoSlice('[]interface {}', null) : exactly(items.slice(from, to))
}

function includes(items: readonly GoValue[], value: GoValue): boolean {
  return items.some((item) => deepEqual(item ?? null, value ?? null))
}

/** Texts and numbers, most frequent of all, are looked up instead of compared with one another. */
/** The items of a list that is gone through as a whole: in a loop that adds up. */
function paid(budget: Budget, what: string, value: GoValue): readonly GoValue[] {
  const items = listItems(what, value)
  budget.spend(items.length)
  return items
}

/** What a comparison of two values takes of the budget: it may go deep. */
const comparisonCost = 64

function unique(budget: Budget, value: GoValue): GoValue {
  const kept: GoValue[] = []
  const scalars = new Set<GoValue>()
  const integers = new Set<string>()
  for (const item of listItems('Cannot find uniq on type', value)) {
    if (typeof item === 'string' || (typeof item === 'number' && item !== 0)) {
      if (scalars.has(item) && !Number.isNaN(item)) continue
      scalars.add(item)
    } else if (item instanceof GoInt) {
      const key = `${item.type} ${item.value}`
      if (integers.has(key)) continue
      integers.add(key)
    } else {
      budget.spend(kept.length * comparisonCost)
      if (includes(kept, item)) continue
    }
    kept.push(item)
  }
  return kept
}

function sliced(value: GoValue, ...indexes: readonly GoValue[]): GoValue {
  const items = listItems('list should be type of slice or array but', value)
  if (items.length === 0) return null
  const [start, end] = indexes
  const from = start === undefined ? 0n : toInt64(start)
  const to = end === undefined ? BigInt(items.length) : toInt64(end)
  const capacity = Array.isArray(value) ? capacityOf(value) : items.length
  if (from < 0n || to < from || to > BigInt(capacity)) {
    throw new GoError('reflect.Value.Slice: slice index out of bounds')
  }
  return subslice(value, Number(from), Number(to))
}

function chunks(size: GoInt, value: GoValue): GoValue {
  const items = listItems('Cannot chunk type', value)
  const length = Number(size.value)
  const count = Math.floor((items.length - 1) / length) + 1
  if (!(count >= 0) || !Number.isFinite(count)) {
    throw new GoError('runtime error: makeslice: len out of range')
  }
  const parts: GoValue[] = []
  for (let at = 0; at < count; at += 1) {
    const isLast = at === count - 1
    const wanted = isLast && items.length % length !== 0 ? items.length % length : length
    if (wanted < 0) throw new GoError('runtime error: makeslice: len out of range')
    parts.push(items.slice(at * length, at * length + wanted))
  }
  return new GoSlice('[][]interface {}', parts)
}

function concatenated(budget: Budget, ...lists: readonly GoValue[]): GoValue {
  const all: GoValue[] = []
  for (const it of lists) {
    if (it === null) throw new GoError(nilDereference)
    const items = itemsOf(it)
    if (!items) throw new GoError(`Cannot concat type ${goKind(it)} as list`)
    // As many bytes as they take: a list that doubles must end before it is longer than lists can be.
    budget.spend(items.length * itemBytes)
    for (const item of items) all.push(item)
  }
  return lists.length === 0 || all.length === 0 ? new GoSlice('[]interface {}', null) : all
}

function joined(budget: Budget, separator: string, value: GoValue): string {
  const texts = textsOf(value)
  budget.spend(separator.length * texts.length)
  return texts.join(separator)
}

function sorted(value: GoValue): GoValue {
  return textList(itemsOf(value) ? textsOf(value).toSorted(compareGoStrings) : [textOf(value)])
}

/** `_0`, `_1`, … by position. */
function numbered(parts: readonly string[]): GoMap {
  return new GoMap('map[string]string', new Map(parts.map((text, at) => [`_${at}`, text])))
}

/**
 * Splits as Go's strings.SplitN: into at most `count` parts, all when negative; into characters by an empty separator.
 */
export function splitText(text: string, separator: string, count = -1): string[] {
  if (count === 0) return []
  const parts = separator === '' ? Array.from(text) : text.split(separator)
  if (count < 0 || parts.length <= count) return parts
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}
