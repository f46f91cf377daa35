import { describe, expect, test } from 'vitest'
import { compareKeys } from '../print/key-order.ts'
import { jsonFloat } from './canonical-scalar.ts'
import { parseInteger, resolveTag } from './resolve-tag.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

describe('resolveTag', () => {
  test.for([
    ['', '!!null'],
    ['Null', '!!null'],
    ['nULL', '!!str'],
    ['TRUE', '!!bool'],
    ['yes', '!!str'],
    ['0x1F', '!!int'],
    ['-0b11', '!!int'],
    ['08', '!!float'],
    ['1_000', '!!int'],
    ['1e3', '!!float'],
    ['.5', '!!float'],
    ['1e400', '!!str'],
    ['.inf', '!!float'],
    ['<<', '!!str'],
    ['2020-13-01', '!!str'],
    ['2020-02-29', '!!timestamp'],
    ['2021-02-29', '!!str'],
    ['2020-01-01T00:00:00Z', '!!timestamp'],
    ['2020-01-01T00:00:00', '!!str'],
    ['12:30', '!!str'],
    ['-', '!!str'],
  ] as const)('%j is %s', ([text, want]) => {
    expect(resolveTag(text)).toBe(want)
  })

  test('the older dialect has more booleans', () => {
    expect(['y', 'Yes', 'ON', 'n', 'off', 'yES'].map((it) => resolveTag(it, 'v2'))).toEqual([
      '!!bool',
      '!!bool',
      '!!bool',
      '!!bool',
      '!!bool',
      '!!str',
    ])
  })
})

test.for([
  ['-9223372036854775808', -(2n ** 63n)],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['18446744073709551616', undefined],
  ['0o17', 15n],
  ['017', 15n],
  ['+5', 5n],
] as const)('parseInteger(%j) is %s', ([text, want]) => {
  expect(parseInteger(text)).toBe(want)
})

test.for([
  [1e6, '1000000'],
  [1234567.5, '1234567.5'],
  [1e-5, '0.00001'],
  [1e-6, '0.000001'],
  [1e-7, '1e-7'],
  [1e21, '1e+21'],
  [-0, '-0'],
  [-0.25, '-0.25'],
] as const)('%s is %s in JSON', ([value, json]) => {
  expect(jsonFloat(value)).toBe(json)
})

test('timestamps keep their zone', () => {
  const stamp = parseTimestamp('2020-1-2T3:4:5.120+02:00')
  expect(stamp && formatTimestamp(stamp)).toBe('2020-01-02T03:04:05.12+02:00')
})

test('compareKeys orders numbers within names by value, letters last', () => {
  const keys = ['b', 'a10', 'a9', 'A', '_', '10', '9', 'a', 'é']
  expect(keys.toSorted(compareKeys)).toEqual(['_', '9', '10', 'A', 'a', 'a9', 'a10', 'b', 'é'])
})
