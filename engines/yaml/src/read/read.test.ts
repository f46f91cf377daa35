import { GoNamed } from '@sluice/go'
import { describe, expect, test } from 'vitest'
import { YamlError } from '../yaml-error.ts'
import { parseYaml, parseYamlDocuments, parseYamlGo } from './read.ts'

function errorOf(run: () => unknown): YamlError {
  try {
    run()
  } catch (error) {
    if (error instanceof YamlError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('parseYaml', () => {
  test.for<[text: string, want: unknown]>([
    ['', null],
    ['a: yes\nb: off\nc: ~', { a: true, b: false, c: null }],
    ['[0o17, 017, 0x1F, 1_000, 08, +5, 1e3, .5]', [15, 15, 31, 1000, 8, 5, 1000, 0.5]],
    ['[2001-01-01, 1:30, 1e400, 0x1p3]', ['2001-01-01', '1:30', '1e400', '0x1p3']],
    ['9007199254740993', 9007199254740993n],
    ['1: a\ntrue: b\n1.5: c\n1e21: d', { '1': 'a', true: 'b', '1.5': 'c', '1e+21': 'd' }],
    ['a: &x {k: 1}\nb: {k: 2, <<: *x}', { a: { k: 1 }, b: { k: 1 } }],
    ['{<<: [{a: 1}, {a: 2, b: 3}]}', { a: 1, b: 3 }],
    ['a: !!str 5\nb: !!binary aGk=\nc: !own x', { a: '5', b: 'hi', c: 'x' }],
    ['a: |2-\n   x\n  y\n\nb: >+\n  p\n  q\n\n', { a: ' x\ny', b: 'p q\n\n' }],
    ['- a\n-\n- - b', ['a', null, ['b']]],
    ['a: 1\na: 2', { a: 2 }],
  ])('%j', ([text, want]) => {
    expect(parseYaml(text)).toEqual(want)
  })

  test('the key __proto__ is an ordinary one', () => {
    const value = parseYaml('__proto__: {polluted: true}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test.for<[text: string, message: string, line: number, column: number]>([
    ['a: [', 'yaml: line 1: did not find expected node content', 2, 1],
    ['a: b: c', 'yaml: mapping values are not allowed in this context', 1, 5],
    ['x: 1\n\ty: 2', 'yaml: line 2: found a tab character that violates indentation', 2, 1],
    ['a: *b', "yaml: unknown anchor 'b' referenced", 1, 4],
    ['a: &b [*b]', "yaml: anchor 'b' value contains itself", 1, 8],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int', 1, 4],
    ['a: .nan', 'json: unsupported value: NaN', 0, 0],
    ['[a]: b', 'yaml: invalid map key: []interface {}{"a"}', 1, 3],
    [
      '18446744073709551615: a',
      'unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "a"',
      1,
      0,
    ],
  ])('%j fails', ([text, message, line, column]) => {
    const error = errorOf(() => parseYaml(text))
    expect([error.message, error.line, error.column]).toEqual([message, line, column])
  })

  test('errors of syntax come before those of values', () => {
    expect(errorOf(() => parseYaml('a: !!int x\nb: [')).code).toBe('YAML_SYNTAX')
  })

  test('strict reading names every repeated key, through aliases too', () => {
    const error = errorOf(() => parseYaml('a: &a {x: 1, x: 2}\nb: *a\n"a": 3', { strict: true }))
    expect(error.message).toBe(
      [
        'yaml: unmarshal errors:',
        '  line 1: key "x" already set in map',
        '  line 1: key "x" already set in map',
        '  line 3: key "a" already set in map',
      ].join('\n'),
    )
    expect(error.code).toBe('YAML_DUPLICATE_KEY')
  })

  test('strict reading of a large mapping takes linear time', () => {
    const text = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1\n`).join('')
    expect(Object.keys(parseYaml(text, { strict: true }) as object)).toHaveLength(50_000)
  })

  test.for([
    ['depth in flow', '['.repeat(1_001)],
    ['depth in blocks', Array.from({ length: 1_001 }, () => '- ').join('')],
    ['size', 'x'.repeat(100)],
    [
      'aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghi', (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]\n`).join('')}`,
    ],
  ] as const)('%s is bounded', ([what, text]) => {
    const options = what === 'size' ? { maxLength: 99 } : {}
    expect(errorOf(() => parseYaml(text, options)).code).toBe('YAML_LIMIT')
  })

  test('bytes that are not UTF-8 are named, and where', () => {
    const error = errorOf(() => parseYaml(Uint8Array.of(97, 58, 32, 0xff, 10)))
    expect([error.message, error.line, error.column]).toEqual(['yaml: invalid leading UTF-8 octet', 1, 4])
  })

  test('UTF-16 is read by its byte order mark', () => {
    expect(parseYaml(Uint8Array.of(0xff, 0xfe, 97, 0, 58, 0, 32, 0, 49, 0))).toEqual({ a: 1 })
  })
})

test('parseYamlDocuments tells where documents begin and which are empty', () => {
  const text = '# first\na: 1\n---\n# nothing\n---\nnull\n...\n---\n- b\n'
  expect(parseYamlDocuments(text)).toEqual([
    { value: { a: 1 }, line: 2, empty: false },
    { value: null, line: 3, empty: true },
    { value: null, line: 5, empty: false },
    { value: ['b'], line: 8, empty: false },
  ])
})

test('parseYamlGo makes maps and Go numbers', () => {
  expect(parseYamlGo('a: 1\nb: 9007199254740993')).toEqual(
    new Map([
      ['a', 1],
      ['b', 9007199254740992],
    ]),
  )
  expect(parseYamlGo('[1.0, 0x10]', { numbers: 'json.Number' })).toEqual([
    new GoNamed('json.Number', '1'),
    new GoNamed('json.Number', '16'),
  ])
})

test('parseYamlGo copies what an alias names', () => {
  const value = parseYamlGo('a: &a {x: {}}\nb: *a') as Map<string, Map<string, unknown>>
  expect(value.get('a')).toEqual(value.get('b'))
  expect(value.get('a')?.get('x')).not.toBe(value.get('b')?.get('x'))
})
