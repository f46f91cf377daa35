import {
  GoComplex,
  GoError,
  NumError,
  parseFloat64,
  parseInteger,
  parseUnsigned,
  quote,
  unquoteChar,
} from '@sluice/go'
import type { NumberNode } from './node.ts'

type NumberParts = Omit<NumberNode, 'kind' | 'position' | 'text'>

const nothing: NumberParts = { int: undefined, uint: undefined, float: undefined, complex: undefined }

/**
 * All the numbers that a literal can stand for.
 *
 * @throws {GoError} with Go's text when it is no number
 */
export function parseNumber(text: string, kind: 'charConstant' | 'complex' | 'number'): NumberParts {
  if (kind === 'charConstant') return charConstant(text)
  if (kind === 'complex') return complexConstant(text)
  const imaginary = text.endsWith('i') ? attempt(() => parseFloat64(text.slice(0, -1))) : undefined
  if (imaginary !== undefined) return ofComplex(0, imaginary)
  const int = attempt(() => parseInteger(text, 0))
  const uint = int === 0n ? 0n : attempt(() => parseUnsigned(text, 0))
  if (int !== undefined || uint !== undefined) return { ...nothing, int, uint, float: Number(int ?? uint) }
  const float = attempt(() => parseFloat64(text))
  if (float === undefined) throw new GoError(`illegal number syntax: ${quote(text)}`)
  if (!/[.eEpP]/.test(text)) throw new GoError(`integer overflow: ${quote(text)}`)
  return { ...wholeParts(float), float, complex: undefined }
}

function charConstant(text: string): NumberParts {
  const { rune, tail } = unquoteChar(text.slice(1), "'")
  if (tail !== "'") throw new GoError(`malformed character constant: ${text}`)
  return { ...nothing, int: BigInt(rune), uint: BigInt(rune), float: rune }
}

function complexConstant(text: string): NumberParts {
  const split = Math.max(...[...text.matchAll(/(?<=.)(?<![eEpP])[+-]/g)].map((sign) => sign.index))
  const real = attempt(() => parseFloat64(text.slice(0, split)))
  const imaginary = attempt(() => parseFloat64(text.slice(split, -1)))
  if (real === undefined || imaginary === undefined) throw new GoError('syntax error scanning complex number')
  return ofComplex(real, imaginary)
}

function ofComplex(real: number, imaginary: number): NumberParts {
  const complex = new GoComplex(real, imaginary)
  return imaginary === 0 ? { ...wholeParts(real), float: real, complex } : { ...nothing, complex }
}

/** The integers that a float is equal to. */
function wholeParts(float: number): Pick<NumberParts, 'int' | 'uint'> {
  if (!Number.isInteger(float)) return { int: undefined, uint: undefined }
  const whole = BigInt(float)
  return {
    int: whole >= -(2n ** 63n) && whole < 2n ** 63n ? whole : undefined,
    uint: whole >= 0n && whole < 2n ** 64n ? whole : undefined,
  }
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof NumError) return undefined
    throw cause
  }
}
