import { describe, expect, test } from 'vitest'
import { parseDocument } from './composer.ts'
import { plainScalar, stringScalar, YamlNode } from './node.ts'
import { printTree } from './printer.ts'

function reprint(text: string): string {
  const document = parseDocument(text)
  return document ? printTree(document) : ''
}

describe('printTree', () => {
  // Each is what go-yaml v3.0.4 prints for its own tree of the text, with an indentation of 2.
  test.for([
    ['# head of doc\n\n# head\na: 1 # line\nb: # of b\n  # in b\n  c: d\n  # foot of c\n'],
    ['a:\n- b\n- - c\n  - d\n- e: f\n  g: h\n'],
    ['a: |\n  x\n  y\nb: >-\n  x y\nc: "q"\nd: \'s\'\ne: {x: 1, y: [a, b]}\n'],
    ['a: &x\n  b: 1\nc: *x\n'],
    ['a: !!str 1\nb: !local x\n'],
    ['a: [x, # one\n  y]\n'],
  ] as const)('%j stays', ([text]) => {
    expect(reprint(text)).toBe(text)
  })

  test.for([
    ['a:   1\nb:\n    - x\n', 'a: 1\nb:\n- x\n'],
    ['{a: b}', '{a: b}\n'],
    ['a: 1\r\nb: 2\r\n', 'a: 1\nb: 2\n'],
    ['k: [{a: 1}, # q\n  2]\n', 'k: [{a: 1} # q\n, 2]\n'],
    ['a: 1\n\n# between\n\nb: 2\n', 'a: 1\n# between\nb: 2\n'],
  ] as const)('%j is printed as %j', ([text, want]) => {
    expect(reprint(text)).toBe(want)
  })

  test('quotes strings that would be read as something else', () => {
    const root = new YamlNode('mapping', '!!map')
    for (const text of ['1', 'true', 'x', 'a: b', '- a', '', ' a', 'two\nlines']) {
      root.content.push(plainScalar('k'), stringScalar(text))
    }
    expect(printTree(root)).toBe(
      'k: "1"\nk: "true"\nk: x\nk: \'a: b\'\nk: \'- a\'\nk: ""\nk: \' a\'\nk: |-\n  two\n  lines\n',
    )
  })

  test('indents sequences as asked for', () => {
    const document = parseDocument('a:\n- b\n')
    expect(document && printTree(document, { sequenceIndent: 'wide' })).toBe('a:\n  - b\n')
  })
})
