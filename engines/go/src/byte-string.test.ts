import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bytesGoString,
  compareGoStrings,
  goByteLength,
  goByteSlice,
  goRuneCount,
  goRunes,
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

// Bytes of characters, and what is left of them when some go missing.
const someBytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('aé☃🎉\ufffd')) }),
      fc.uint8Array({ max: 255, maxLength: 3 }),
    ),
  )
  .map((parts) =>
    Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? goStringBytes(part) : part)])),
  )

test('cutting, counting and ordering are those of the bytes', () => {
  fc.assert(
    fc.property(someBytes, someBytes, fc.nat(20), (bytes, others, cut) => {
      const text = bytesGoString(bytes)
      expect(goStringBytes(text)).toEqual(bytes)
      expect(goByteLength(text)).toBe(bytes.length)
      expect(goRunes(text)).toHaveLength(goRuneCount(text))
      const at = Math.min(cut, bytes.length)
      const halves = goByteSlice(text, 0, at) + goByteSlice(text, at, bytes.length)
      expect(normalizeGoString(halves)).toBe(text)
      const order = compareGoStrings(text, bytesGoString(others))
      const [hex, otherHex] = [hexOf(bytes), hexOf(others)]
      expect(Math.sign(order)).toBe(hex < otherHex ? -1 : Number(hex > otherHex))
    }),
  )
})

test('bytes that meet make a character', () => {
  expect(normalizeGoString(`${goByteSlice('é', 0, 1)}${goByteSlice('é', 1, 2)}`)).toBe('é')
  expect(goRuneCount(goByteSlice('é', 0, 1))).toBe(1)
})

test('strings are ordered by bytes', () => {
  const sorted = ['a', 'aa', 'b', 'é', '\uffff', '\u{10000}', '\udcff']
  expect(sorted.toReversed().toSorted(compareGoStrings)).toEqual(sorted)
})

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
