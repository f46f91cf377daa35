import { GoInt, GoNamed, GoSlice } from '@sluice/go'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Printable } from '../json/json-view.ts'
import { parseYaml } from '../read/read.ts'
import type { YamlValue } from '../read/shape.ts'
import { printYaml } from './printer.ts'

const words = 'word '.repeat(20).trim()

describe('printYaml', () => {
  test.for<[value: Printable, want: string]>([
    [null, 'null\n'],
    [{ b: [1, { c: [] }], a: {} }, 'a: {}\nb:\n- 1\n- c: []\n'],
    [[[1, [2]], []], '- - 1\n  - - 2\n- []\n'],
    [{ a10: 1, a2: 2, A: 3, '10': 4 }, '"10": 4\nA: 3\na2: 2\na10: 1\n'],
    [
      ['yes', '1', '1:30', '2001-01-01', '', 'a: b', '- x', 'x #y', "it's"],
      `- "yes"\n- "1"\n- "1:30"\n- "2001-01-01"\n- ""\n- 'a: b'\n- '- x'\n- 'x #y'\n- it's\n`,
    ],
    [
      ['a\nb', 'a\n', ' a\n\n', 'a \nb', '\t', 'é', '🎉'],
      '- |-\n  a\n  b\n- |\n  a\n- |2+\n   a\n\n- "a \\nb"\n- "\\t"\n- é\n- "\\U0001F389"\n',
    ],
    [{ k: words }, `k: ${'word '.repeat(15).trim()} word\n  word word word word\n`],
    [{ 'two\nlines': { a: [1] } }, '? |-\n  two\n  lines\n: a:\n  - 1\n'],
    [
      [1e6, 1.5e6, 1e21, 1e-7, -0, 18446744073709551615n],
      '- 1000000\n- 1500000\n- 1e+21\n- 1e-07\n- 0\n- 18446744073709551615\n',
    ],
    [
      [1234567.5, new GoNamed('json.Number', '1e6'), new GoInt('uint8', 7n)],
      '- 1.2345675e+06\n- 1e+06\n- 7\n',
    ],
    [
      new Map<string, Printable>([
        ['b', new GoSlice('[]string', ['x'])],
        ['a', undefined],
      ]) as Printable,
      'a: null\nb:\n- x\n',
    ],
    [{ a: undefined, b: 1 }, 'b: 1\n'],
    ['a\x85 b', 'a b\n'],
    ['\ufeffa b', '"\\uFEFF\\x61\\x20\\x62"\n'],
  ])('%#', ([value, want]) => {
    expect(printYaml(value)).toBe(want)
  })

  test.for<[value: Printable, message: string]>([
    ['\x7f', 'yaml: control characters are not allowed'],
    [Number.NaN, 'json: unsupported value: NaN'],
    [new GoNamed('json.Number', 'x'), 'json: invalid number literal, trying to marshal "x"'],
    [{ 'a\x85b': 1 }, "yaml: line 1: did not find expected ',' or '}'"],
    [{ ['k'.repeat(1_023)]: 1 }, "yaml: did not find expected ',' or '}'"],
  ])('%# fails', ([value, message]) => {
    expect(() => printYaml(value)).toThrow(message)
  })

  test('a cycle is an error', () => {
    const cycle: YamlValue[] = []
    cycle.push(cycle)
    expect(() => printYaml(cycle)).toThrow('yaml: exceeded max depth of 1000')
  })

  test('what was printed reads back the same', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('ab10 \n\t:-#\'"{[?,&*!|>%@`~.\\é\u2028\u{1f389}')),
      maxLength: 12,
    })
    const value = fc.letrec<{ value: YamlValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.constantFrom('null', 'y', '0x1', '1_0', '.5', '<<', '=', '---', '1:2', `${words} x`),
        fc.integer(),
        fc.double({ noDefaultInfinity: true, noNaN: true }).filter((it) => !Number.isInteger(it)),
        fc.constantFrom(null, true, false),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value
    fc.assert(
      fc.property(value, (it) => {
        expect(parseYaml(printYaml(it), { strict: true })).toEqual(it)
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})
