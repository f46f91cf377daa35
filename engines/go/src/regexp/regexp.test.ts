import { seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { emitRe2 } from './emit-re2.ts'
import { hostPattern } from './host-pattern.ts'
import { matcherOf, re2Matcher } from './matcher.ts'
import { parseRegexp } from './parse.ts'
import { compileRegexp, GoRegexp, quoteMeta } from './regexp.ts'

describe('compileRegexp', () => {
  test.for([
    ['(', 'missing closing ): `(`'],
    ['a)b', 'unexpected ): `a)b`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['x|*', 'missing argument to repetition operator: `*`'],
    ['(?i)*?', 'missing argument to repetition operator: `*?`'],
    ['a{2,1}', 'invalid repeat count: `{2,1}`'],
    ['(a{100}){11}', 'invalid repeat count: `{11}`'],
    ['[b-a]', 'invalid character class range: `b-a`'],
    ['[[:nope:]]', 'invalid character class range: `[:nope:]`'],
    ['[a', 'missing closing ]: `[a`'],
    [String.raw`\p{Nope}`, String.raw`invalid character class range: ${'`'}\p{Nope}${'`'}`],
    [String.raw`\x{zz}`, String.raw`invalid escape sequence: ${'`'}\x{z${'`'}`],
    [String.raw`\8`, String.raw`invalid escape sequence: ${'`'}\8${'`'}`],
    ['(?P<a b>x)', 'invalid named capture: `(?P<a b>`'],
    ['(?<n', 'invalid named capture: `(?<n`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?i-)a', 'invalid or unsupported Perl syntax: `(?i-)`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['\udcff', 'invalid UTF-8: `\udcff`'],
  ])('%j is rejected', ([pattern, message]) => {
    expect(() => compileRegexp(pattern ?? '')).toThrow(`error parsing regexp: ${message}`)
  })

  test.for([
    ['depth', '('.repeat(1_001) + ')'.repeat(1_001), 'expression nests too deeply'],
    [
      'depth under an operator',
      `${'('.repeat(50_000)}a${')'.repeat(50_000)}{2}`,
      'expression nests too deeply',
    ],
    ['size', `(?:${'abcdefghij'.repeat(11)}){1000}`, 'expression too large'],
  ])('%s is bounded', ([, pattern, message]) => {
    expect(() => compileRegexp(pattern ?? '')).toThrow(message)
  })

  test.for<[pattern: string, text: string, want: string[] | undefined]>([
    [String.raw`^(\d+)\.(\d+)$`, '12.345', ['12.345', '12', '345']],
    ['(a)|(b)', 'b', ['b', '', 'b']],
    ['((a)|(b))*', 'ab', ['ab', 'b', 'a', 'b']],
    ['(?i)skid', 'ſKID', ['ſKID']],
    [String.raw`\p{letter}+`, '1éa', ['éa']],
    [String.raw`\p{Old-italic}`, 'a', undefined],
    [String.raw`[^[:^alpha:]\d]+`, '1ab2', ['ab']],
    [String.raw`\Qa.b\E+`, 'a.bbb', ['a.bbb']],
    ['(?s)a.b|(?m:^c$)', 'x\nc\n', ['c']],
    ['(?U)a+', 'aaa', ['a']],
    [String.raw`\061\x31\x{31}`, '111', ['111']],
    ['.', '\udcff', ['\udcff']],
  ])('%s finds in %j', ([pattern, text, want]) => {
    expect(compileRegexp(pattern).find(text)).toEqual(want)
  })

  test('indexes, limits and splits', () => {
    const regexp = compileRegexp('(b)?c?')
    expect(regexp.findIndex('abc')).toEqual([0, 0, -1, -1])
    expect(regexp.findAllIndex('abc', 2)).toEqual([
      [0, 0, -1, -1],
      [1, 3, 1, 2],
    ])
    expect(compileRegexp('a').split('banana', 2)).toEqual(['b', 'nana'])
    expect(compileRegexp('a').split('', -1)).toEqual([''])
  })

  test.for([
    ['(?P<n>a)(?P<n>b)?', 'ab-a', '[$n]', '[a]-[a]'],
    ['(a)', 'a', '$1x${1}x$$1$', 'ax$1$'],
    ['x*', 'abxxc', '-', '-a-b-c-'],
    ['', '🎉é', '.', '.🎉.é.'],
  ])('%s replaces in %j', ([pattern = '', text = '', template = '', want]) => {
    expect(compileRegexp(pattern).replaceAll(text, template)).toBe(want)
  })

  test('a hostile pattern takes linear time', () => {
    expect(compileRegexp('(a+)+$').test(`${'a'.repeat(5_000)}!`)).toBe(false)
    expect(compileRegexp('^(a|a)*$').test(`${'a'.repeat(5_000)}!`)).toBe(false)
  })
})

test('quoteMeta makes a text match itself', () => {
  const text = String.raw`a.+*?()|[]{}^$\-é`
  expect(compileRegexp(`^${quoteMeta(text)}$`).test(text)).toBe(true)
})

describe('the fast path', () => {
  test.for([
    ['foo', true],
    ['[^a-z0-9]+', true],
    [String.raw`^main-[a-f0-9]+-(?P<ts>.*)$`, true],
    [String.raw`^v?(\d+)\.(\d+)\.(\d+)$`, true],
    ['(?i)abc|def', true],
    [String.raw`\d+x`, false],
    ['^a*a', false],
    ['(a|b)*', false],
    ['(?:a?){30}', false],
    [String.raw`\pL`, false],
    ['(?i)é', false],
  ] as const)('%s: %s', ([pattern, fast]) => {
    expect(hostPattern(parseRegexp(pattern).root) !== undefined).toBe(fast)
  })

  test('finds what re2js finds, on random patterns and texts', () => {
    const random = seededRandom(7)
    const float = (): number => random.float()
    let fast = 0
    for (let round = 0; round < 3_000; round += 1) {
      const pattern = randomPattern(float, 3)
      const { root, names } = parseRegexp(pattern)
      if (!hostPattern(root)) continue
      fast += 1
      const groups = names.length - 1
      const host = new GoRegexp(pattern, names, matcherOf(root, groups))
      const re2 = new GoRegexp(pattern, names, re2Matcher(emitRe2(root), groups))
      const text = Array.from({ length: 8 }, () => pick(float, 'aabbk1_-. \n\u212a\u017fé🎉')).join('')
      expect([pattern, text, host.findAllIndex(text)]).toEqual([pattern, text, re2.findAllIndex(text)])
    }
    expect(fast).toBeGreaterThan(500)
  })
})

function randomPattern(float: () => number, depth: number): string {
  const choice = Math.floor(float() * (depth > 0 ? 12 : 6))
  switch (choice) {
    case 6:
    case 7:
    case 8:
      return randomPattern(float, depth - 1) + randomPattern(float, depth - 1)
    case 9:
      return `(${randomPattern(float, depth - 1)})`
    case 10:
      return `(?:${randomPattern(float, depth - 1)}|${randomPattern(float, depth - 1)})`
    case 11:
      return `(?:${randomPattern(float, depth - 1)})${pickFrom(float, ['?', '*', '+', '{2}', '{0,2}', '??', '+?', '*?'])}`
    default:
      return pickFrom(float, [
        'a',
        'b',
        '(?i:k)',
        '(?i:s)',
        '[ab]',
        '[^a]',
        '.',
        String.raw`\w`,
        String.raw`\W`,
        String.raw`\b`,
        '^',
        '$',
        '(?m:^)',
        '(?m:$)',
        '(?s:.)',
        '1',
        '[[:alpha:]]+',
        '[ab]*',
      ])
  }
}

function pick(float: () => number, characters: string): string {
  return pickFrom(float, Array.from(characters))
}

function pickFrom(float: () => number, items: readonly string[]): string {
  return items[Math.floor(float() * items.length)] ?? ''
}
