import { CelError, type CelValue } from '../../values/value.ts'
import { localizedStyle } from './format-localized.ts'
import { plainStyle } from './format-plain.ts'

/** How `format` writes values: `localized` is the older one, with separators between thousands. */
export type FormatStyle = 'localized' | 'plain'

/** Writes one value, or tells why it cannot. */
export type WriteValue = (value: CelValue) => string | CelError

/** The clauses of a style. `precision` is absent where the clause has none. */
export type FormatClauses = {
  readonly string: WriteValue
  readonly decimal: WriteValue
  readonly fixed: (precision: number | undefined) => WriteValue
  readonly scientific: (precision: number | undefined) => WriteValue
  readonly binary: WriteValue
  readonly hexadecimal: (isUpper: boolean) => WriteValue
  readonly octal: WriteValue
}

const maxPrecision = 100

/** Puts values into the clauses of a text, such as `%s` and `%.2f`. */
export function formatText(text: string, values: readonly CelValue[], style: FormatStyle): CelValue {
  const clauses = style === 'plain' ? plainStyle : localizedStyle
  return interpolate(text, values.length, clauses, (index, write) => write(values[index] ?? null))
}

/** Goes through the clauses of a text; `writeAt` writes the value of an index. */
export function interpolate(
  text: string,
  count: number,
  clauses: FormatClauses,
  writeAt: (index: number, write: WriteValue) => string | CelError,
): string | CelError {
  let out = ''
  let index = 0
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? ''
    if (character !== '%') {
      out += character
      at++
      continue
    }
    if (text[at + 1] === '%') {
      out += '%'
      at += 2
      continue
    }
    if (index >= count) return new CelError(`index ${index} out of range`)
    if (at + 1 >= text.length) return new CelError('unexpected end of string')
    const clause = readClause(text, at + 1, clauses)
    if (clause instanceof CelError) {
      return new CelError(`could not parse formatting clause: ${clause.message}`)
    }
    const written = writeAt(index, clause.write)
    if (written instanceof CelError) return new CelError(`error during formatting: ${written.message}`)
    out += written
    at = clause.end
    index++
  }
  return out
}

function readClause(
  text: string,
  start: number,
  clauses: FormatClauses,
): { readonly end: number; readonly write: WriteValue } | CelError {
  let at = start
  let precision: number | undefined
  if (text[at] === '.') {
    const digits = /^\d*/.exec(text.slice(at + 1))?.[0] ?? ''
    at += 1 + digits.length
    const failure = checkPrecision(digits, at >= text.length)
    if (failure) return new CelError(`error while parsing precision: ${failure}`)
    precision = Number(digits)
  }
  const letter = text[at] ?? ''
  const write = clauseOf(letter, precision, clauses)
  return write ? { end: at + 1, write } : new CelError(`unrecognized formatting clause "${letter}"`)
}

function checkPrecision(digits: string, isAtEnd: boolean): string | undefined {
  if (isAtEnd) return 'could not find end of precision specifier'
  if (digits === '') {
    return 'error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax'
  }
  return Number(digits) > maxPrecision
    ? `precision ${digits} exceeds maximum allowed precision ${maxPrecision}`
    : undefined
}

function clauseOf(
  letter: string,
  precision: number | undefined,
  clauses: FormatClauses,
): WriteValue | undefined {
  switch (letter) {
    case 's':
      return clauses.string
    case 'd':
      return clauses.decimal
    case 'f':
      return clauses.fixed(precision)
    case 'e':
      return clauses.scientific(precision)
    case 'b':
      return clauses.binary
    case 'x':
    case 'X':
      return clauses.hexadecimal(letter === 'X')
    case 'o':
      return clauses.octal
    default:
      return undefined
  }
}
