import { expect, test } from 'vitest'
import { splitDocuments } from './documents.ts'

test.for([
  ['', []],
  ['a: 1', ['a: 1\n']],
  ['a: |\n  x', ['a: |\n  x\n']],
  ['a: 1\r\nb: 2\r\n', ['a: 1\nb: 2\n']],
  ['a: 1\n---\nb: 2\n', ['a: 1\n', 'b: 2\n']],
  ['a: 1\n---  # why\nb: 2\n', ['a: 1\n', 'b: 2\n']],
  // With nothing before it a separator is part of what follows, and counts in its lines.
  ['---\na: 1\n---\n', ['---\na: 1\n']],
  ['---\n---\na: 1', ['---\n', 'a: 1\n']],
  ['a: 1\n\n', ['a: 1\n\n']],
  [' ---\n', [' ---\n']],
] as const)('%j has the documents %j', ([text, documents]) => {
  expect(splitDocuments(text)).toEqual(documents)
})

test.for(['a: 1\n--- b: 2\n', '----\n', '--- |\n  x\n'])('%j has a separator that is none', (text) => {
  expect(() => splitDocuments(text)).toThrow('error reading yaml document: invalid Yaml document separator: ')
})
