import { GoError, type GoFunction, type GoInt, goInt } from '@sluice/go'
import type { Random } from '@sluice/ports'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')

/** Sprig's random texts and numbers. Source: Masterminds/sprig 3.3.0, strings.go, numeric.go, crypto.go. */
export function randomFunctions(random: Random): FunctionMap {
  const texts = (alphabet: string): GoFunction =>
    defineWithBudget(['int'], (budget, count) => {
      const length = Math.max(Number(count.value), 0)
      budget.spend(length)
      return Array.from(uniform(random, alphabet.length, length), (index) => alphabet[index]).join('')
    })
  return new Map<string, GoFunction>([
    ['randAlphaNum', texts(digits + letters)],
    ['randAlpha', texts(letters)],
    ['randNumeric', texts(digits)],
    ['randAscii', texts(printable)],
    [
      'randBytes',
      defineWithBudget(['int'], (budget, count) => {
        if (count.value < 0n) throw new GoError('runtime error: makeslice: len out of range')
        budget.spend(Number(count.value))
        return base64(random.bytes(Number(count.value)))
      }),
    ],
    ['randInt', define(['int', 'int'], (least, limit) => randomInt(random, least, limit))],
    ['uuidv4', define([], () => uuid(random.bytes(16)))],
    ['shuffle', define(['string'], (text) => shuffled(random, Array.from(text)).join(''))],
  ])
}

/** `count` numbers below `limit` (at most 256), each as likely as the other. */
function uniform(random: Random, limit: number, count: number): number[] {
  const numbers: number[] = []
  const fair = 256 - (256 % limit)
  while (numbers.length < count) {
    for (const byte of random.bytes(Math.max(count - numbers.length, 16))) {
      if (byte < fair && numbers.length < count) numbers.push(byte % limit)
    }
  }
  return numbers
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function randomInt(random: Random, least: GoInt, limit: GoInt): GoInt {
  const range = limit.value - least.value
  if (range <= 0n) throw new GoError('invalid argument to Intn')
  let value = 0n
  for (const byte of random.bytes(16)) value = (value << 8n) | BigInt(byte)
  return goInt(least.value + (value % range))
}

function uuid(bytes: Uint8Array): string {
  const parts = Array.from(bytes, (byte, index) => {
    if (index === 6) return (byte & 0x0f) | 0x40
    return index === 8 ? (byte & 0x3f) | 0x80 : byte
  })
  const text = parts.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    '-',
  )
}

function shuffled<T>(random: Random, items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.float() * (last + 1))
    const kept = items[last]
    items[last] = items[other] as T
    items[other] = kept as T
  }
  return items
}
