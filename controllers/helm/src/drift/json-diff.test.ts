import { jsonPatch } from '@sluice/merge'
import type { JsonObject } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { jsonDiff } from './json-diff.ts'

const long = 'x'.repeat(80)

describe('jsonDiff', () => {
  test.for([
    ['nothing', { a: long }, { a: long }, []],
    ['a change', { a: 1, b: long }, { a: 2, b: long }, ['replace /a']],
    ['an addition', { b: long }, { a: 2, b: long }, ['add /a']],
    ['a removal', { a: 1, b: long }, { b: long }, ['remove /a']],
    ['a key with slashes', { 'a/b~c': 1, b: long }, { 'a/b~c': 2, b: long }, ['replace /a~1b~0c']],
    ['a longer list', { l: [long] }, { l: [long, 2] }, ['add /l/-']],
    ['a shorter list', { l: [long, 1, 2] }, { l: [long] }, ['remove /l/1', 'remove /l/1']],
    [
      'an item of a list',
      { l: [long, { a: 1, b: long }] },
      { l: [long, { a: 2, b: long }] },
      ['replace /l/1/a'],
    ],
    [
      'a whole that is shorter than its parts',
      { o: { a: 1, b: 1 }, p: long },
      { o: { c: 1, d: 1 }, p: long },
      ['replace /o'],
    ],
    ['another kind of value', { a: [], b: long }, { a: {}, b: long }, ['replace /a']],
  ] as const)('tells of %s', ([, from, to, want]) => {
    expect(jsonDiff(from, to).map(({ op, path }) => `${op} ${path}`)).toEqual(want)
  })

  test.for([
    [
      { a: [1, 2, 3], b: { c: 1 } },
      { a: [3], b: { d: [{ e: 1 }] }, f: null },
    ],
    [{ spec: { replicas: 3, list: [{ n: 1 }, { n: 2 }] } }, { spec: { replicas: 1, list: [{ n: 2 }] } }],
  ] as readonly (readonly [JsonObject, JsonObject])[])('leads from %j to %j', ([from, to]) => {
    expect(jsonPatch(from, jsonDiff(from, to) as readonly JsonObject[])).toEqual(to)
  })
})
