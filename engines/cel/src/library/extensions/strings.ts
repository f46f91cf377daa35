import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { dynType, intType, listType, stringType } from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { isInt } from '../../values/numbers.ts'
import { CelError, type CelValue, noSuchOverload, typeOf } from '../../values/value.ts'
import { type FormatStyle, formatText } from './format.ts'

export type StringsVersion = 2 | 'latest'

const stringList = listType(stringType)

/** What functions of strings and ints get: nothing is called with values of other types. */
type Texts = { readonly text: string; readonly strings: readonly string[]; readonly ints: readonly number[] }

/** Reads arguments in the order in which they come; `undefined` where one is of another type. */
function readTexts(args: readonly CelValue[]): Texts | undefined {
  const strings: string[] = []
  const ints: number[] = []
  for (const arg of args) {
    if (typeof arg === 'string') strings.push(arg)
    else if (isInt(arg)) ints.push(Number(arg))
    else return undefined
  }
  const [text, ...rest] = strings
  return text === undefined ? undefined : { text, strings: rest, ints }
}

function ofTexts(compute: (texts: Texts) => CelValue): (...args: readonly CelValue[]) => CelValue {
  return (...args) => {
    const texts = readTexts(args)
    return texts ? compute(texts) : noSuchOverload
  }
}

function outOfRange(index: number): CelError {
  return new CelError(`index out of range: ${index}`)
}

function charAt({ text, ints: [index = 0] }: Texts): CelValue {
  const characters = Array.from(text)
  return index < 0 || index > characters.length ? outOfRange(index) : (characters[index] ?? '')
}

function indexOf({ text, strings: [part = ''], ints: [offset = 0] }: Texts): CelValue {
  if (offset < 0) return outOfRange(offset)
  const characters = Array.from(text)
  if (part === '') return Math.min(offset, characters.length)
  if (offset >= characters.length) return -1
  const from = characters.slice(0, offset).join('').length
  const found = text.indexOf(part, from)
  return found < 0 ? -1 : Array.from(text.slice(0, found)).length
}

function lastIndexOf({ text, strings: [part = ''], ints }: Texts): CelValue {
  const characters = Array.from(text)
  const [offset] = ints
  if (offset !== undefined && offset < 0) return outOfRange(offset)
  if (part === '') return offset === undefined ? characters.length : Math.min(offset, characters.length)
  if (offset !== undefined && offset >= characters.length) return -1
  const from = offset === undefined ? text.length : characters.slice(0, offset).join('').length
  const found = text.lastIndexOf(part, from)
  return found < 0 ? -1 : Array.from(text.slice(0, found)).length
}

function substring({ text, ints }: Texts): CelValue {
  const characters = Array.from(text)
  const { length } = characters
  const [start = 0, end = length] = ints
  if (ints.length > 1 && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`)
  }
  if (start < 0 || start > length) return outOfRange(start)
  if (end < 0 || end > length) return outOfRange(end)
  return characters.slice(start, end).join('')
}

/** Replaces the first `count` occurrences, all of them for a negative count. An empty part is before each character. */
function replace({ text, strings: [part = '', by = ''], ints: [count = -1] }: Texts): CelValue {
  if (count === 0) return text
  const pieces = part === '' ? ['', ...Array.from(text)] : text.split(part)
  const replaced = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1)
  if (part === '') {
    const total = count < 0 ? pieces.length : Math.min(count, pieces.length)
    return pieces.map((piece, index) => piece + (index < total ? by : '')).join('')
  }
  return (
    pieces.slice(0, replaced + 1).join(by) +
    pieces
      .slice(replaced + 1)
      .map((piece) => part + piece)
      .join('')
  )
}

function split({ text, strings: [separator = ''], ints: [count = -1] }: Texts): CelValue {
  if (count === 0) return new ListValue([])
  const pieces = separator === '' ? Array.from(text) : text.split(separator)
  if (count < 0 || pieces.length <= count) return new ListValue(pieces)
  const rest = pieces.slice(count - 1).join(separator)
  return new ListValue([...pieces.slice(0, count - 1), rest])
}

// Go's white space; JavaScript's has the byte order mark beyond it and lacks the next line.
const space = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+'
const outerSpace = new RegExp(`^${space}|${space}$`, 'g')

function join(list: CelValue, separator: string): CelValue {
  if (!(list instanceof ListValue)) return noSuchOverload
  const texts: string[] = []
  for (const item of list.items) {
    if (typeof item !== 'string') return new CelError(`join: invalid input: ${describe(item)}`)
    texts.push(item)
  }
  return texts.join(separator)
}

function describe(value: CelValue): string {
  return typeof value === 'object' && value !== null ? typeOf(value).name : String(value)
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
])

function quote({ text }: Texts): CelValue {
  return `"${Array.from(text)
    .map((character) => escapes.get(character) ?? character)
    .join('')}"`
}

const common: readonly FunctionDeclaration[] = [
  declare('charAt', [
    memberOverload('string_char_at_int', [stringType, intType], stringType, ofTexts(charAt)),
  ]),
  declare('indexOf', [
    memberOverload('string_index_of_string', [stringType, stringType], intType, ofTexts(indexOf)),
    memberOverload(
      'string_index_of_string_int',
      [stringType, stringType, intType],
      intType,
      ofTexts(indexOf),
    ),
  ]),
  declare('lastIndexOf', [
    memberOverload('string_last_index_of_string', [stringType, stringType], intType, ofTexts(lastIndexOf)),
    memberOverload(
      'string_last_index_of_string_int',
      [stringType, stringType, intType],
      intType,
      ofTexts(lastIndexOf),
    ),
  ]),
  declare('lowerAscii', [
    memberOverload(
      'string_lower_ascii',
      [stringType],
      stringType,
      ofTexts(({ text }) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
    ),
  ]),
  declare('upperAscii', [
    memberOverload(
      'string_upper_ascii',
      [stringType],
      stringType,
      ofTexts(({ text }) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
    ),
  ]),
  declare('replace', [
    memberOverload(
      'string_replace_string_string',
      [stringType, stringType, stringType],
      stringType,
      ofTexts(replace),
    ),
    memberOverload(
      'string_replace_string_string_int',
      [stringType, stringType, stringType, intType],
      stringType,
      ofTexts(replace),
    ),
  ]),
  declare('split', [
    memberOverload('string_split_string', [stringType, stringType], stringList, ofTexts(split)),
    memberOverload('string_split_string_int', [stringType, stringType, intType], stringList, ofTexts(split)),
  ]),
  declare('substring', [
    memberOverload('string_substring_int', [stringType, intType], stringType, ofTexts(substring)),
    memberOverload(
      'string_substring_int_int',
      [stringType, intType, intType],
      stringType,
      ofTexts(substring),
    ),
  ]),
  declare('trim', [
    memberOverload(
      'string_trim',
      [stringType],
      stringType,
      ofTexts(({ text }) => text.replace(outerSpace, '')),
    ),
  ]),
  declare('strings.quote', [overload('strings_quote', [stringType], stringType, ofTexts(quote))]),
  declare('join', [
    memberOverload('list_join', [stringList], stringType, (list = null) => join(list, '')),
    memberOverload(
      'list_join_string',
      [stringList, stringType],
      stringType,
      (list = null, separator = null) =>
        typeof separator === 'string' ? join(list, separator) : noSuchOverload,
    ),
  ]),
]

const reverse = declare('reverse', [
  memberOverload(
    'string_reverse',
    [stringType],
    stringType,
    ofTexts(({ text }) => Array.from(text).toReversed().join('')),
  ),
])

function formatFunction(style: FormatStyle): FunctionDeclaration {
  return declare('format', [
    memberOverload(
      'string_format',
      [stringType, listType(dynType)],
      stringType,
      (text = null, args = null) =>
        typeof text === 'string' && args instanceof ListValue
          ? formatText(text, args.items, style)
          : noSuchOverload,
    ),
  ])
}

/** The strings extension: Kubernetes stays at version 2, whose `format` writes numbers in another style. */
export function stringsLibrary(version: StringsVersion): Library {
  return version === 2
    ? { functions: [...common, formatFunction('localized')], formatStyle: 'localized' }
    : { functions: [...common, formatFunction('plain'), reverse], formatStyle: 'plain' }
}
