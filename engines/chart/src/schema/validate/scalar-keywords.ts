import { type GoValue, goRuneCount } from '@sluice/go'
import type { NumberKeywords, TextKeywords } from '../document/compiled.ts'
import { approximately, decimalOf } from '../instance.ts'
import { compareDecimals, type Decimal, decimalNumber, isMultiple } from '../number/decimal.ts'
import { countText, numberText } from '../number/number-text.ts'
import { quoted } from '../violation.ts'
import { complain, type Frame, pay } from './frame.ts'

/** Characters that a pattern reads for one step. */
const charactersPerStep = 64

/** Applies the keywords about texts. */
export function checkText(frame: Frame, { minLength, maxLength, pattern }: TextKeywords, text: string): void {
  const length = minLength === undefined && maxLength === undefined ? 0 : goRuneCount(text)
  if (minLength !== undefined && length < minLength) {
    complain(frame, `minLength: got ${countText(length)}, want ${countText(minLength)}`)
  }
  if (maxLength !== undefined && length > maxLength) {
    complain(frame, `maxLength: got ${countText(length)}, want ${countText(maxLength)}`)
  }
  if (!pattern) return
  pay(frame, Math.ceil(text.length / charactersPerStep))
  if (!pattern.regexp.test(text)) {
    complain(frame, `${quoted(text)} does not match pattern ${quoted(pattern.text)}`)
  }
}

type Limit = {
  readonly name: keyof NumberKeywords
  /** Whether a number keeps to it, which compares to it so. */
  readonly holds: (order: number) => boolean
}

const limits: readonly Limit[] = [
  { name: 'minimum', holds: (order) => order >= 0 },
  { name: 'maximum', holds: (order) => order <= 0 },
  { name: 'exclusiveMinimum', holds: (order) => order > 0 },
  { name: 'exclusiveMaximum', holds: (order) => order < 0 },
]

/** Applies the keywords about numbers, which are compared exactly. */
export function checkNumber(frame: Frame, keywords: NumberKeywords, value: GoValue): void {
  const number = decimalOf(value)
  const complainOf = (name: string, want: Decimal): void =>
    complain(
      frame,
      `${name}: got ${numberText(approximately(value))}, want ${numberText(decimalNumber(want))}`,
    )
  for (const { name, holds } of limits) {
    const limit = keywords[name]
    if (limit && !holds(compareDecimals(number, limit))) complainOf(name, limit)
  }
  const { multipleOf } = keywords
  if (multipleOf && !isMultiple(number, multipleOf)) complainOf('multipleOf', multipleOf)
}
