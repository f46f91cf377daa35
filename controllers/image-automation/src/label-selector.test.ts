import { describe, expect, test } from 'vitest'
import { labelRequirements } from './label-selector.ts'

const labels = { tier: 'a', canary: '' }

describe('labelRequirements', () => {
  test.each([
    [{}, true],
    [{ matchLabels: { tier: 'a' } }, true],
    [{ matchLabels: { tier: 'a', other: '' } }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'absent', operator: 'In', values: [''] }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['b'] }] }, true],
    [{ matchExpressions: [{ key: 'absent', operator: 'NotIn', values: ['b'] }] }, true],
    [{ matchExpressions: [{ key: 'canary', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    [{ matchLabels: { tier: 'a' }, matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] }, true],
  ])('%j selects: %s', (selector, want) => {
    expect(labelRequirements(selector)(labels)).toBe(want)
  })

  test.each([
    ['tier', 'Foo', ['b'], /^"Foo" is not a valid label selector operator$/],
    [
      'tier',
      'In',
      [],
      /^values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty$/,
    ],
    [
      'tier',
      'Exists',
      ['a', 'b'],
      /^values: Invalid value: \["a","b"\]: values set must be empty for exists and does not exist$/,
    ],
    ['a b', 'Exists', [], /^key: Invalid value: "a b": name part must consist of alphanumeric characters, /],
    [
      'tier',
      'In',
      ['a', '-b'],
      /^values\[1\]\[tier\]: Invalid value: "-b": a valid label must be an empty string/,
    ],
    ['a b', 'In', [], /^\[key: Invalid value: .*, values: Invalid value: null: /],
  ])('%s %s %j is refused', (key, operator, values, message) => {
    expect(() => labelRequirements({ matchExpressions: [{ key, operator, values }] })).toThrow(message)
  })
})
