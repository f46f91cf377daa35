import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesGoString } from '../byte-string.ts'
import { type FloatFormat, formatFloat } from './format-float.ts'
import { atoi, parseFloat64, parseInteger, parseUnsigned } from './parse-number.ts'
import { quote, quoteRune, quoteToAscii, unquote } from './quote.ts'

describe('formatFloat', () => {
  test.for<readonly [number, FloatFormat, number, string]>([
    [0.1, 'f', 20, '0.10000000000000000555'],
    [1e23, 'g', -1, '1e+23'],
    [123456789, 'g', -1, '1.23456789e+08'],
    [100000, 'g', -1, '100000'],
    [0.00001, 'g', -1, '1e-05'],
    [0.5, 'f', 0, '0'],
    [1.5, 'f', 0, '2'],
    [9.99, 'e', 1, '1.0e+01'],
    [0.05, 'f', 1, '0.1'],
    [0, 'e', 3, '0.000e+00'],
    [-0, 'g', -1, '-0'],
    [5e-324, 'g', -1, '5e-324'],
    [1, 'b', -1, '4503599627370496p-52'],
    [10, 'x', 0, '0x1p+03'],
    [3.75, 'x', -1, '0x1.ep+01'],
  ])('%d as %s with %d digits is %s', ([value, format, precision, want]) => {
    expect(formatFloat(value, format, precision)).toBe(want)
  })
})

describe('parsing', () => {
  test.for<readonly [string, number, bigint]>([
    ['-9223372036854775808', 10, -(2n ** 63n)],
    ['0x1F', 0, 31n],
    ['0b11', 0, 3n],
    ['017', 0, 15n],
    ['0o17', 0, 15n],
    ['1_000', 0, 1000n],
    ['zz', 36, 1295n],
  ])('%s in base %d', ([text, base, want]) => {
    expect(parseInteger(text, base)).toBe(want)
  })

  test.for<readonly [() => unknown, string]>([
    [
      () => parseInteger('9223372036854775808'),
      'strconv.ParseInt: parsing "9223372036854775808": value out of range',
    ],
    [() => atoi('1x'), 'strconv.Atoi: parsing "1x": invalid syntax'],
    [() => parseUnsigned('-1'), 'strconv.ParseUint: parsing "-1": invalid syntax'],
    [() => parseInteger('1__0', 0), 'strconv.ParseInt: parsing "1__0": invalid syntax'],
    [() => parseFloat64('1e'), 'strconv.ParseFloat: parsing "1e": invalid syntax'],
    [() => parseFloat64('1e999'), 'strconv.ParseFloat: parsing "1e999": value out of range'],
  ])('%s fails', ([parse, want]) => {
    expect(parse).toThrow(want)
  })

  test.for<readonly [string, number]>([
    ['.5', 0.5],
    ['-1e-3', -0.001],
    ['0x1p-2', 0.25],
    ['0x1.8p1', 3],
    ['1_0.5', 10.5],
    ['-Inf', -Infinity],
  ])('%s is %d', ([text, want]) => {
    expect(parseFloat64(text)).toBe(want)
  })
})

test('quoting escapes as Go does, and unquoting takes it back', () => {
  const text = 'a"\\\n\u0007é\u00a0\u{1f600}\udcff'
  expect(quote(text)).toBe('"a\\"\\\\\\n\\aé\\u00a0😀\\xff"')
  expect(quoteToAscii('é😀')).toBe('"\\u00e9\\U0001f600"')
  expect(quoteRune(39)).toBe("'\\''")
  expect(unquote(quote(text))).toBe(text)
  expect(unquote('"\\xc3\\xa9\\101\\u65e5"')).toBe('éA日')
  expect(unquote('`a\\n`')).toBe('a\\n')
  for (const bad of ['"', '"\\q"', "'ab'", '"\\400"', '"\\ud800"', '"a\nb"']) {
    expect(() => unquote(bad)).toThrow('invalid syntax')
  }
})

test('what is printed is read back', () => {
  const unit = fc.constantFrom(...Array.from('a"\'`\\\n\0\x7f\x85\xad\u2028\ufeff\ufffdé🎉\u{10ffff}\udcff'))
  const text = fc.oneof(fc.string({ unit }), fc.uint8Array().map(bytesGoString))
  fc.assert(
    fc.property(text, (given) => {
      expect(unquote(quote(given))).toBe(given)
      expect(unquote(quoteToAscii(given))).toBe(given)
    }),
  )
  fc.assert(
    fc.property(
      fc.double({ noNaN: true }),
      fc.constantFrom<FloatFormat>('e', 'f', 'g', 'x'),
      (given, format) => {
        expect(parseFloat64(formatFloat(given, format, -1))).toBe(given)
      },
    ),
  )
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.integer({ min: 2, max: 36 }),
      (given, base) => {
        expect(parseInteger(given.toString(base), base)).toBe(given)
      },
    ),
  )
})
