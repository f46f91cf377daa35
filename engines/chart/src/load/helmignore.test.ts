import { describe, expect, test } from 'vitest'
import { ignoreRules } from './helmignore.ts'

describe('ignoreRules', () => {
  const ignored = ignoreRules(
    ['# comment', '*.bak', '/root.txt', 'sub/*.tmp', 'dir/', '\\#hash', ' spaced '].join('\r\n'),
  )

  test.for([
    ['a.bak', false, true],
    ['deep/a.bak', false, true],
    ['root.txt', false, true],
    ['deep/root.txt', false, false],
    ['sub/a.tmp', false, true],
    ['other/sub/a.tmp', false, false],
    ['dir', true, true],
    ['dir', false, false],
    ['#hash', false, true],
    ['spaced', false, true],
    ['templates/.swp', false, true],
    ['templates/x.yaml', false, false],
  ] as const)('%s (directory: %s): %s', ([path, isDirectory, want]) => {
    expect(ignored(path, isDirectory)).toBe(want)
  })

  test('a negation leaves out everything else', () => {
    const onlyKept = ignoreRules('!keep.txt')
    expect(onlyKept('keep.txt', false)).toBe(false)
    expect(onlyKept('Chart.yaml', false)).toBe(true)
  })

  test.for([
    ['a/**/b', 'double-star'],
    ['[', 'syntax error in pattern'],
  ])('%s is refused', ([text, message]) => {
    expect(() => ignoreRules(text!)).toThrow(message!)
  })
})
