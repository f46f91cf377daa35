import { describe, expect, test } from 'vitest'
import { expandAliases } from './aliases.ts'
import { parseDocument } from './composer.ts'
import { printTree } from './printer.ts'

function expand(text: string, maxNodes?: number): string {
  const document = parseDocument(text)
  return document ? printTree(expandAliases(document, maxNodes === undefined ? {} : { maxNodes })) : ''
}

describe('expandAliases', () => {
  test.for([
    ['a: &x {b: 1}\nc: *x\n', 'a: {b: 1}\nc: {b: 1}\n'],
    ['a: &x\n  b: 1\n  c: 2\nd:\n  <<: *x\n  c: 3\n', 'a:\n  b: 1\n  c: 2\nd:\n  b: 1\n  c: 3\n'],
    [
      'x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n',
      'x: {a: 1}\ny: {a: 2, b: 2}\nz:\n  a: 1\n  b: 2\n',
    ],
  ] as const)('%j becomes %j', ([text, want]) => {
    expect(expand(text)).toBe(want)
  })

  test.for([['a: &x 1\nb: {<<: *x}\n'], ['a: {<<: {b: 1}, <<: {c: 1}}\n'], ['a: {<<: 1}\n']] as const)(
    '%j is no merge',
    ([text]) => {
      expect(() => expand(text)).toThrow(expect.objectContaining({ code: 'YAML_SYNTAX' }))
    },
  )

  test('bounds what aliases make', () => {
    const bomb = Array.from({ length: 12 }, (_, i) => {
      const items = Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')
      return `a${i}: &a${i} [${items}]\n`
    }).join('')
    expect(() => expand(bomb)).toThrow(expect.objectContaining({ code: 'YAML_LIMIT' }))
  })
})
