import { memoryFileTree } from '@sluice/ports'
import { expect, test } from 'vitest'
import { contentHash } from './content-hash.ts'

/** Adler-32 by its definition, on numbers that never overflow. Source: RFC 1950. */
function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return b * 65_536 + a
}

test('names and contents count, in the order of their names', () => {
  const big = new Uint8Array(100_000).fill(255)
  const tree = memoryFileTree([
    ['b', big],
    ['a/c', 'Wikipedia'],
  ])
  const listing = `11e60398  app/a/c\n${adler(big).toString(16)}  app/b\n`
  expect(contentHash(tree, 'app')).toBe(String(adler(new TextEncoder().encode(listing))))
})

test('a line break in a name is refused', () => {
  expect(() => contentHash(memoryFileTree([['a\nb', '']]), 'x')).toThrow('filenames with newlines')
})
