import { expect, test } from 'vitest'
import { labelMatcher } from './label-selector.ts'
import { parseLabelSelector } from './parse-label-selector.ts'

const labels = { app: 'web', tier: 'a', size: '3' }

test.for([
  ['', undefined],
  ['app=web,tier in (a,b),!old', true],
  ['app!=web', false],
  ['tier notin (a)', false],
  ['absent notin (a)', true],
  ['size>2', true],
  ['size lt 3', false],
  ['app=', false],
] as const)('the text %j selects: %s', ([text, want]) => {
  expect(parseLabelSelector(text)?.(labels)).toBe(want)
})

test.for([
  ['app=web tier=a', "found 'tier', expected: ',' or 'end of string'"],
  ['app,', "found '', expected: identifier after ','"],
  ['size>x', /for 'Gt', 'Lt' operators, the value must be an integer$/],
  ['-x', /^unable to parse requirement: key: Invalid value: "-x": name part must consist of /],
] as const)('the text %j is refused', ([text, want]) => {
  expect(() => parseLabelSelector(text)).toThrow(want)
})

test('annotations may have values that labels may not', () => {
  expect(() => parseLabelSelector('a=http://x')).toThrow(/Invalid value/)
  expect(parseLabelSelector('a=http://x', { checked: false })?.({ a: 'http://x' })).toBe(true)
})

test.for([
  [{}, true],
  [{ matchLabels: { app: 'web' } }, true],
  [{ matchLabels: { toString: 'web' } }, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['a'] }] }, true],
  [{ matchExpressions: [{ key: 'absent', operator: 'NotIn', values: ['a'] }] }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
] as const)('the object %j selects: %s', ([selector, want]) => {
  expect(labelMatcher(selector)(labels)).toBe(want)
})

test.for([
  [
    { key: 'a', operator: 'In' },
    "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
  ],
  [
    { key: 'a', operator: 'Exists', values: ['b'] },
    'values: Invalid value: ["b"]: values set must be empty for exists and does not exist',
  ],
  [{ key: 'a', operator: 'Near' }, '"Near" is not a valid label selector operator'],
] as const)('the expression %j is refused', ([expression, message]) => {
  expect(() => labelMatcher({ matchExpressions: [expression] })).toThrow(message)
})
