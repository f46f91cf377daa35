import { expect, test } from 'vitest'
import {
  bytesGoString,
  compareGoStrings,
  goByteLength,
  goByteSlice,
  goRuneCount,
  goStringBytes,
  normalizeGoString,
} from './byte-string.ts'

test('any bytes survive the way through a string', () => {
  const samples = [
    [0xff, 0x41],
    [0xc3],
    [0xc3, 0xa9],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98, 0x80, 0x80],
    [0xef, 0xbb, 0xbf, 0x61],
  ]
  for (const bytes of samples) {
    const text = bytesGoString(Uint8Array.from(bytes))
    expect([...goStringBytes(text)]).toEqual(bytes)
    expect(goByteLength(text)).toBe(bytes.length)
  }
})

test('bytes that meet make a character', () => {
  expect(normalizeGoString(`${goByteSlice('é', 0, 1)}${goByteSlice('é', 1, 2)}`)).toBe('é')
  expect(goRuneCount(goByteSlice('é', 0, 1))).toBe(1)
})

test('strings are ordered by bytes', () => {
  const sorted = ['a', 'aa', 'b', 'é', '\uffff', '\u{10000}', '\udcff']
  expect(sorted.toReversed().toSorted(compareGoStrings)).toEqual(sorted)
})
