import {
  type Budget,
  GoError,
  type GoFunction,
  type GoValue,
  goByteLength,
  goByteSlice,
  isAsciiOnly,
  quote,
  sprint,
  sprintf,
} from '@sluice/go'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'
import { toByteText } from './byte-text.ts'
import { textOf } from './cast.ts'
import { isSpace, lowerText, swapCase, titleText, trimSpace, untitleText, upperText } from './letter-case.ts'
import { connectedCase, pascalCase } from './word-case.ts'
import { abbreviate, abbreviateBoth, wrapText } from './wrapping.ts'

const any = 'interface {}'
const anys = '...interface {}'
const two = ['string', 'string'] as const

const trimAll = define(two, (cutset, text) => trimSet(text, cutset))

/** Sprig's texts. Source: Masterminds/sprig 3.3.0, strings.go and functions.go. */
export const stringFunctions: FunctionMap = new Map<string, GoFunction>([
  ['hello', define([], () => 'Hello!')],
  ['fail', define(['string'], (message) => failed(message))],
  ['trim', define(['string'], trimSpace)],
  ['trimAll', trimAll],
  ['trimall', trimAll],
  [
    'trimSuffix',
    define(two, (end, text) => (end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text)),
  ],
  ['trimPrefix', define(two, (start, text) => (text.startsWith(start) ? text.slice(start.length) : text))],
  ['upper', define(['string'], upperText)],
  ['lower', define(['string'], lowerText)],
  ['title', define(['string'], titleText)],
  ['untitle', define(['string'], untitleText)],
  ['swapcase', define(['string'], swapCase)],
  ['camelcase', define(['string'], pascalCase)],
  ['snakecase', define(['string'], (text) => connectedCase(text, '_'))],
  ['kebabcase', define(['string'], (text) => connectedCase(text, '-'))],
  [
    'nospace',
    define(['string'], (text) =>
      Array.from(toByteText(text))
        .filter((char) => !isSpace(char))
        .join(''),
    ),
  ],
  ['initials', define(['string'], initials)],
  ['abbrev', define(['int', 'string'], (width, text) => abbreviate(text, Number(width.value)))],
  [
    'abbrevboth',
    define(['int', 'int', 'string'], (offset, width, text) =>
      abbreviateBoth(text, Number(offset.value), Number(width.value)),
    ),
  ],
  [
    'wrap',
    define(['int', 'string'], (width, text) =>
      wrapText(text, { width: Number(width.value), separator: '\n', cutsWords: false }),
    ),
  ],
  [
    'wrapWith',
    defineWithBudget(['int', 'string', 'string'], (budget, width, separator, text) => {
      budget.spend(separator.length * text.length)
      return wrapText(text, { width: Number(width.value), separator, cutsWords: true })
    }),
  ],
  ['trunc', define(['int', 'string'], (length, text) => truncate(text, Number(length.value)))],
  [
    'substr',
    define(['int', 'int', 'string'], (from, to, text) =>
      substring(text, Number(from.value), Number(to.value)),
    ),
  ],
  [
    'repeat',
    defineWithBudget(['int', 'string'], (budget, count, text) => repeated(budget, text, count.value)),
  ],
  ['contains', define(two, (part, text) => text.includes(part))],
  ['hasPrefix', define(two, (start, text) => text.startsWith(start))],
  ['hasSuffix', define(two, (end, text) => text.endsWith(end))],
  [
    'quote',
    define([anys], (...values) =>
      present(values)
        .map((value) => quote(textOf(value)))
        .join(' '),
    ),
  ],
  [
    'squote',
    define([anys], (...values) =>
      present(values)
        .map((value) => `'${sprint([value])}'`)
        .join(' '),
    ),
  ],
  ['cat', defineWithBudget([anys], concatenated)],
  [
    'indent',
    defineWithBudget(['int', 'string'], (budget, width, text) => indented(budget, text, width.value)),
  ],
  [
    'nindent',
    defineWithBudget(['int', 'string'], (budget, width, text) => `\n${indented(budget, text, width.value)}`),
  ],
  [
    'replace',
    defineWithBudget(['string', 'string', 'string'], (budget, old, fresh, text) =>
      replaced(budget, text, { old, fresh }),
    ),
  ],
  ['plural', define(['string', 'string', 'int'], (one, many, count) => (count.value === 1n ? one : many))],
  ['toString', define([any], textOf)],
])

function failed(message: string): never {
  throw new GoError(message)
}

function trimSet(text: string, cutset: string): string {
  const chars = new Set(cutset)
  const all = Array.from(text)
  let from = 0
  let to = all.length
  while (from < to && chars.has(all[from] ?? '')) from += 1
  while (to > from && chars.has(all[to - 1] ?? '')) to -= 1
  return all.slice(from, to).join('')
}

/** The first byte of each word, as if it were a character. Source: Masterminds/goutils 1.1.1, Initials. */
function initials(text: string): string {
  let startsWord = true
  let out = ''
  for (const char of toByteText(text)) {
    if (isSpace(char)) startsWord = true
    else if (startsWord) {
      out += char
      startsWord = false
    }
  }
  return out
}

function truncate(text: string, length: number): string {
  if (isAsciiOnly(text)) {
    if (length >= 0) return text.slice(0, length)
    return text.length + length > 0 ? text.slice(length) : text
  }
  const size = goByteLength(text)
  if (length < 0) return size + length > 0 ? goByteSlice(text, size + length, size) : text
  return size > length ? goByteSlice(text, 0, length) : text
}

function substring(text: string, from: number, to: number): string {
  const size = goByteLength(text)
  const start = from < 0 ? 0 : from
  const end = from >= 0 && (to < 0 || to > size) ? size : to
  if (from < 0 && to < 0) throw outOfRange(`[:${to}]`)
  if (end > size) throw outOfRange(`[:${to}] with length ${size}`)
  if (start > end) throw outOfRange(`[${start}:${end}]`)
  return goByteSlice(text, start, end)
}

function outOfRange(bounds: string): GoError {
  return new GoError(`runtime error: slice bounds out of range ${bounds}`)
}

function repeated(budget: Budget, text: string, count: bigint): string {
  if (count < 0n) throw new GoError('strings: negative Repeat count')
  const times = Number(count)
  budget.spend(text.length * times)
  return text.repeat(times)
}

/** Indents every line, empty ones too. */
function indented(budget: Budget, text: string, width: bigint): string {
  if (width < 0n) throw new GoError('strings: negative Repeat count')
  budget.spend(Number(width))
  const padding = ' '.repeat(Number(width))
  const lines = text.split('\n')
  budget.spend(lines.length * padding.length)
  return padding + lines.join(`\n${padding}`)
}

function replaced(
  budget: Budget,
  text: string,
  { old, fresh }: { readonly old: string; readonly fresh: string },
): string {
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old)
  budget.spend(parts.length * fresh.length)
  return parts.length === 1 ? text : parts.join(fresh)
}

function present(values: readonly GoValue[]): readonly GoValue[] {
  return values.filter((value) => value !== null && value !== undefined)
}

function concatenated(budget: Budget, ...values: readonly GoValue[]): string {
  const shown = present(values)
  return sprintf(trimSpace('%v '.repeat(shown.length)), shown, budget)
}
