import { GoInt } from '@sluice/go'
import { describe, expect, test } from 'vitest'
import { type MutableValue, type MutableValues, parseSet, type SetMode } from './set-parser.ts'

const typed: SetMode = { kind: 'typed' }

function parse(text: string, mode: SetMode = typed): unknown {
  const values: MutableValues = new Map()
  parseSet(values, text, mode)
  return plain(values)
}

function plain(value: MutableValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  }
  if (Array.isArray(value)) return value.map((item) => plain(item))
  return value instanceof GoInt ? value.value : value
}

describe('--set', () => {
  test.for([
    ['a.b=1,c=x', { a: { b: 1n }, c: 'x' }],
    ['a=1.5,b=007,c=0,d=-3', { a: '1.5', b: '007', c: 0n, d: -3n }],
    ['a=TRUE,b=null,c=', { a: true, b: null, c: '' }],
    ['l={1,b c,}', { l: [1n, 'b c', ''] }],
    ['l[1].x=1', { l: [null, { x: 1n }] }],
    ['l[0][1]=a', { l: [[null, 'a']] }],
    ['a\\.b=1\\,2', { 'a.b': '1,2' }],
    ['l[0=z', {}],
    ['=1', {}],
    ['.a=1', {}],
    ['[0]=1', {}],
    ['a=9223372036854775808', { a: '9223372036854775808' }],
    ['l[0]=', { l: [''] }],
    ['l[1].x=', { l: [] }],
    ['l[0][1', { l: [] }],
  ] as const)('%s', ([text, want]) => {
    expect(parse(text)).toEqual(want)
  })

  test.for([
    ['a', 'key "a" has no value'],
    ['a"', 'key "a\\"" has no value'],
    ['l[0]ab=1', "unexpected data at end of array index: ['a' 'b']"],
    [
      'l[99999999999999999999]=1',
      'error parsing index: strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    [
      'a=null,a.b=2',
      'unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}',
    ],
    ['a=null,a[0]=2', 'unable to parse key: interface conversion: interface {} is nil, not []interface {}'],
    ['a.b', 'key "b" has no value'],
    [',', 'key "" has no value (cannot end with ,)'],
    ['.=1', 'key map "" has no value'],
    ['a={b', "list must terminate with '}'"],
    ['l[x]=1', 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
    ['l[-1]=1', 'negative -1 index not allowed'],
    ['l[65537]=1', 'index of 65537 is greater than maximum supported index of 65536'],
    [
      'a=1,a.b=2',
      'unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}',
    ],
    [`${'a.'.repeat(31)}b=1`, 'value name nested level is greater than maximum supported nested level of 30'],
  ] as const)('%s fails', ([text, message]) => {
    expect(() => parse(text)).toThrow(message)
  })
})

test('--set-string keeps text', () => {
  expect(parse('a=1,l={true,null}', { kind: 'string' })).toEqual({ a: '1', l: ['true', 'null'] })
})

test('--set-literal takes the rest as it is', () => {
  expect(parse('a.b=x,y=\\n', { kind: 'literal' })).toEqual({ a: { b: 'x,y=\\n' } })
  expect(parse('l[0].=x', { kind: 'literal' })).toEqual({ l: [{}] })
  expect(() => parse('.=x', { kind: 'literal' })).toThrow('key map "" has no value')
})

test('--set-file reads each path', () => {
  expect(parse('a=x,b=y', { kind: 'file', read: (path) => `<${path}>` })).toEqual({ a: '<x>', b: '<y>' })
})
