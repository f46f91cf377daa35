import type { GoValue } from '@sluice/go'
import { type ArrayKeywords, CompiledSchema } from '../document/compiled.ts'
import { canonicalText } from '../instance.ts'
import { countText } from '../number/number-text.ts'
import type { Violation } from '../violation.ts'
import { applyToPart, complain, type Frame, report } from './frame.ts'

/** Applies the keywords about lists. */
export function checkArray(frame: Frame, keywords: ArrayKeywords, items: readonly GoValue[]): void {
  const { minItems, maxItems } = keywords
  if (minItems !== undefined && items.length < minItems) {
    complain(frame, `minItems: got ${countText(items.length)}, want ${countText(minItems)}`)
  }
  if (maxItems !== undefined && items.length > maxItems) {
    complain(frame, `maxItems: got ${countText(items.length)}, want ${countText(maxItems)}`)
  }
  if (keywords.uniqueItems) checkUnique(frame, items)
  checkItems(frame, keywords, items)
  if (keywords.contains) checkContains(frame, keywords, items)
}

function checkUnique(frame: Frame, items: readonly GoValue[]): void {
  const first = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const text = canonicalText(item)
    const known = first.get(text)
    if (known !== undefined) {
      complain(frame, `items at ${countText(known)} and ${countText(index)} are equal`)
      return
    }
    first.set(text, index)
  }
}

function checkItems(frame: Frame, { leading = [], rest }: ArrayKeywords, items: readonly GoValue[]): void {
  for (const [index, item] of items.entries()) {
    const schema = leading[index] ?? rest
    if (schema instanceof CompiledSchema) {
      report(frame, applyToPart(frame, schema, { value: item, name: String(index) }))
    }
  }
  if (rest === false && items.length > leading.length) {
    complain(frame, `last ${countText(items.length - leading.length)} additionalItem(s) not allowed`)
  }
}

function checkContains(frame: Frame, keywords: ArrayKeywords, items: readonly GoValue[]): void {
  const { contains, minContains, maxContains } = keywords
  if (!contains) return
  const errors: Violation[] = []
  const matched: number[] = []
  for (const [index, item] of items.entries()) {
    const violation = applyToPart(frame, contains, { value: item, name: String(index) })
    if (violation) {
      errors.push(violation)
      continue
    }
    matched.push(index)
    if (frame.schema.draftVersion >= 2020) frame.unevaluated.indexes.delete(index)
  }
  const found = `matched ${countText(matched.length)} items at ${matched.join(' ')}`
  if (minContains !== undefined && matched.length < minContains) {
    const got = matched.length === 0 ? 'none matched' : found
    complain(
      frame,
      `min ${countText(minContains)} items required to match contains schema, but ${got}`,
      errors,
    )
  } else if (minContains === undefined && matched.length === 0) {
    complain(frame, 'no items match contains schema', errors)
  }
  if (maxContains !== undefined && matched.length > maxContains) {
    complain(frame, `max ${countText(maxContains)} items required to match contains schema, but ${found}`)
  }
}
