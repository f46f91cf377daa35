import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../read/read.ts'
import { findCommentedScalars } from './commented-scalars.ts'
import { replaceScalars } from './replace-scalars.ts'

/** Replaces every scalar whose comment is `!` by `value`. */
function edit(text: string, value: string): string {
  const wanted = findCommentedScalars(text).filter((it) => it.comment.trim() === '!')
  return replaceScalars(
    text,
    wanted.map((scalar) => ({ scalar, value })),
  )
}

describe('findCommentedScalars', () => {
  test('tells where values are, not keys', () => {
    const text = `a: 1 # one
b: # none
  - x # two
  # three
  - y
? k # key
: {c: [p, # four
  q]} # none
---
d: &x "q"	#five
e: *x # alias
f: | # block
  t
`
    expect(
      findCommentedScalars(text).map(({ document, path, value, comment, line }) => [
        document,
        path.join('/'),
        value,
        comment,
        line,
      ]),
    ).toEqual([
      [0, 'a', '1', ' one', 1],
      [0, 'b/0', 'x', ' two', 3],
      [0, 'b/1', 'y', ' three', 5],
      [0, 'k/c/0', 'p', ' four', 7],
      [1, 'd', 'q', 'five', 10],
    ])
  })
})

describe('replaceScalars', () => {
  test.for([
    ['a:   x   # !', 'y:1', 'a:   y:1   # !'],
    ['a: "x" # !\r\nb: [ 1 ]\r\n', 'y', 'a: "y" # !\r\nb: [ 1 ]\r\n'],
    ["a: 'x' # !", "it's", "a: 'it''s' # !"],
    ['a: x # !', '1.10', 'a: "1.10" # !'],
    ['a: x # !', '', 'a: "" # !'],
    ['a: [x, # !\n y]', 'p,q', 'a: ["p,q", # !\n y]'],
    ['\ufeffa: é # !', 'x', '\ufeffa: x # !'],
    ["a: 'x' # !", 'two\nlines', String.raw`a: "two\nlines" # !`],
    ['- !!str x # !\n-   # !\n', 'z', '- !!str z # !\n-   # !\n'],
  ])('%j', ([text = '', value = '', want]) => {
    expect(edit(text, value)).toBe(want)
  })

  test('a comment above an item is found after CR LF too, in long lists in linear time', () => {
    expect(edit('- a\r\n# !\r\n- b\r\n', 'new')).toBe('- a\r\n# !\r\n- new\r\n')
    expect(findCommentedScalars('- x\n'.repeat(100_000))).toEqual([])
  })

  test('whatever the value, it is read back, and all else stays', () => {
    const value = fc.string({
      unit: fc.constantFrom(...Array.from('ab1 :#-\'"[]{},&*!?|>%@`\n\t\\.é\u2028\x85\u{1f389}')),
      maxLength: 8,
    })
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('x', "'x'", '"x"'),
        fc.constantFrom('block', 'flow'),
        (it, old, where) => {
          const [before, after] = where === 'block' ? ['k: ', ' # !\n'] : ['k: [', ' , # !\n]']
          const edited = edit(before + old + after, it)
          expect(edited.startsWith(before) && edited.endsWith(after)).toBe(true)
          expect(parseYaml(edited)).toEqual({ k: where === 'block' ? it : [it] })
        },
      ),
      { numRuns: 1_000, seed: 1 },
    )
  })
})
