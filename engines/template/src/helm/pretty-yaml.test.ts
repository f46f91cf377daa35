import { GoComplex, GoInt, GoMap, GoNamed, GoObject, GoSlice, GoTime, type GoValue } from '@sluice/go'
import { expect, test } from 'vitest'
import { TimeValue } from '../sprig/time-values.ts'
import { prettyYaml } from './pretty-yaml.ts'

test.for<[value: GoValue, want: string]>([
  [
    new Map<string, GoValue>([
      ['b', [1, 1e6, Number.NaN]],
      ['a', new Map()],
      ['a10', 'yes'],
      ['a2', null],
    ]),
    'a: {}\na2: null\na10: "yes"\nb:\n  - 1\n  - 1e+06\n  - .nan',
  ],
  [
    [
      new GoInt('int64', 60_000_000_000n, 'time.Duration'),
      new GoNamed('json.Number', '1'),
      'two\nlines',
      '\udcc3',
    ],
    '- 1m0s\n- "1"\n- |-\n  two\n  lines\n- !!binary ww==',
  ],
  [
    new GoObject(
      'c.S',
      new Map<string, GoValue>([
        ['Name', 'x'],
        ['AppVersion', new GoSlice('[]string', [])],
      ]),
    ),
    'name: x\nappversion: []',
  ],
  [new GoMap('map[int]string', new Map([[new GoInt('int', 2n), 'b']])), '2: b'],
  [new TimeValue(new GoTime(0)), '1970-01-01T00:00:00Z'],
])('%#', ([value, want]) => {
  expect(prettyYaml(value)).toBe(want)
})

test('complex numbers have no form', () => {
  expect(() => prettyYaml([new GoComplex(0, 1)])).toThrow('cannot marshal type: complex128')
})
