import { assert, boolean, constant, integer, object, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandAliases } from './aliases.ts'
import { printCanonical } from './canonical-printer.ts'
import { parseDocument } from './composer.ts'
import type { YamlNode } from './node.ts'
import { fromPlain, type PlainValue, toPlain } from './plain.ts'

function canonical(text: string): string {
  const document = parseDocument(text)
  return document ? printCanonical(expandAliases(document)) : ''
}

describe('printCanonical', () => {
  test.for([
    [
      'sorts keys, letters after all else',
      'b: 1\n_x: 2\n"10": 3\n"9": 4\nB: 5\n',
      '_x: 2\n"9": 4\n"10": 3\nB: 5\nb: 1\n',
    ],
    [
      'drops comments, styles and anchors',
      '# c\na: &x {y: [z]} # d\nb: *x\n',
      'a:\n  "y":\n  - z\nb:\n  "y":\n  - z\n',
    ],
    [
      'reads numbers as Go does',
      'a: [0x10, 0o7, 010, 1_000, 1e3, 1.50, .5, -0.0]\n',
      'a:\n- 16\n- 7\n- 8\n- 1000\n- 1000\n- 1.5\n- 0.5\n- 0\n',
    ],
    [
      'keeps 64-bit integers',
      'a: 9223372036854775807\nb: 18446744073709551615\nc: 18446744073709551616\n',
      'a: 9223372036854775807\nb: 18446744073709551615\nc: 1.8446744073709552e+19\n',
    ],
    [
      'quotes what YAML 1.1 would read otherwise',
      'a: ["yes", "on", "1:30", "0x", "~", "2020-01-01", y]\n',
      'a:\n- "yes"\n- "on"\n- "1:30"\n- 0x\n- "~"\n- "2020-01-01"\n- "y"\n',
    ],
    [
      'makes times of timestamps',
      'a: 2020-01-01\nb: 2020-1-2 3:4:5.50\n',
      'a: "2020-01-01T00:00:00Z"\nb: "2020-01-02T03:04:05.5Z"\n',
    ],
    [
      'keeps block scalars, or quotes them',
      'a: |\n  x\n  y\nb: "x \\ny"\nc: "x\\ty"\n',
      'a: |\n  x\n  y\nb: "x \\ny"\nc: "x\\ty"\n',
    ],
    ['writes empty collections', 'a: {}\nb: []\nc:\nd: ""\n', 'a: {}\nb: []\nc: null\nd: ""\n'],
    ['gives nulls in flow collections as empty strings', 'a: {b: , c: }\n', 'a:\n  b: ""\n  c: ""\n'],
    ['escapes astral characters', 'a: "😀"\n', 'a: "\\U0001F600"\n'],
    ['takes out quoted merge keys', 'a:\n  "<<": 1\n  b: 2\n', 'a:\n  b: 2\n'],
  ] as const)('%s', ([, text, want]) => {
    expect(canonical(text)).toBe(want)
  })

  test('folds long plain and quoted lines at 80 columns', () => {
    const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ')
    const lines = canonical(`a: ${words}\n`).split('\n')
    expect(lines.every((it) => it.length <= 90)).toBe(true)
    expect(lines[1]?.startsWith('  word')).toBe(true)
    expect(canonical(canonical(`a: '${words}: x'\n`))).toBe(canonical(`a: '${words}: x'\n`))
  })

  test.for([
    ['a key twice', 'a: 1\na: 2\n', 'YAML_DUPLICATE_KEY'],
    ['a number as key within', 'a: {1: b}\n', 'YAML_INVALID_VALUE'],
    ['infinity', 'a: .inf\n', 'YAML_INVALID_VALUE'],
    ['a tag that its text contradicts', 'a: !!int x\n', 'YAML_SYNTAX'],
    ['a control that JSON leaves as it is', 'a: "\\x7f"\n', 'YAML_SYNTAX'],
  ] as const)('%s is refused', ([, text, code]) => {
    expect(() => canonical(text)).toThrow(expect.objectContaining({ code }))
  })

  test('what it prints, it reads and prints the same', () => {
    const json = object({
      maxDepth: 3,
      values: [string(), integer(), boolean(), constant(null)],
    })
    assert(
      property(json, (value) => {
        const text = printCanonical(fromPlain(value as PlainValue))
        expect(canonical(text)).toBe(text)
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

test('toPlain gives JSON and fromPlain a tree of it', () => {
  const value = { a: [1, 2.5, true, null, 'x', '1'], b: { c: 'two\nlines' } }
  expect(toPlain(fromPlain(value))).toEqual(value)
  expect(Object.keys(toPlain(parseDocument('__proto__: 1') as YamlNode) as object)).toEqual(['__proto__'])
})
