import { parseYaml } from '@sluice/yaml'
import { array, assert, boolean, constantFrom, integer, property, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readYamlItem } from './yaml-item.ts'

describe('what is read is what all of YAML makes of it', () => {
  test.for([
    ['- a: 1\n  b: yes\n  c: 1.10\n  d: 2023-01-01\n  e: ~\n  f:\n', true],
    ['- a: one\n    two\n    three\n  b: x\n', true],
    ['- a: "q \\"x\\""\n  b: \'it\'\'s\'\n  c: []\n  d: {}\n', true],
    ['- k:\n  - one\n  - two: 2\n    three: 3\n  l:\n    - http://x/y\n', true],
    ['- a: |\n    one\n      two\n  b: |-\n    three\n', true],
    ['- a:\n    b/c: d\n    e.f: g\n', true],
    ['- a: |\n    one\n\n    two\n', false],
    ['- a: >-\n    one\n', false],
    ['- a: "one\n    two"\n', false],
    ['- a: [1, 2]\n', false],
    ['- a: &x 1\n  b: *x\n', false],
    ['- a: 1 # one\n', false],
    ['- a: 1\n# comment\n  b: 2\n', false],
    ['- yes: 1\n', false],
    ['- a: b: c\n', false],
    ['- a: 1\n\n  b: 2\n', false],
    ['- a: .inf\n', false],
    ['- a: |\n    no end', false],
    ['- a:\tb\n', false],
  ] as const)('%j', ([text, isRead]) => {
    expect([readYamlItem(text, 0)]).toEqual(isRead ? parseYaml(text, { strict: true }) : [undefined])
  })

  test('whatever the text is', () => {
    const line = tuple(
      integer({ min: 0, max: 6 }),
      constantFrom('', '- ', '-   ', '# '),
      constantFrom('', 'a', 'b', 'key-1', 'yes', '1', '"q"', '<<'),
      constantFrom('', ':', ': ', ':  '),
      constantFrom(
        '',
        'x',
        '1',
        'null',
        '"y"',
        "'z'",
        '|',
        '|-',
        '>',
        '[]',
        '{}',
        'a b',
        'a: b',
        'é',
        '- c',
        '1e3',
      ),
      constantFrom('', ' ', ' # c'),
    )
    const text = tuple(array(line, { maxLength: 7 }), boolean()).map(
      ([lines, ends]) =>
        `- a: 1\n${lines.map(([indent, ...parts]) => ' '.repeat(indent) + parts.join('')).join('\n')}${ends ? '\n' : ''}`,
    )
    assert(
      property(text, (yaml) => {
        const quick = readYamlItem(yaml, 0)
        expect([quick]).toEqual(quick === undefined ? [quick] : parseYaml(yaml, { strict: true }))
      }),
      { numRuns: 3_000, seed: 7 },
    )
  })
})
