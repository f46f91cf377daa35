import { expect, test } from 'vitest'
import { matchPath } from './path-match.ts'

test.for([
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['ab[c]', 'abc', true],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a?b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[\\]a]', ']', true],
  ['*x', 'xxx', true],
  ['a[b-d]e', 'ade', true],
  ['templates/.?*', 'templates/.hidden', true],
  ['', '', true],
  ['', 'a', false],
] as const)('%s against %s', ([pattern, name, want]) => {
  expect(matchPath(pattern, name)).toBe(want)
})

test.for(['[]a]', '[-]', '[x-]', '[-x]', '[', '[^', '[^bc', 'a[', '\\'])('%s is malformed', (pattern) => {
  expect(() => matchPath(pattern, 'a')).toThrow('syntax error in pattern')
})

test('many stars stay linear', () => {
  expect(matchPath(`${'a*'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false)
})
