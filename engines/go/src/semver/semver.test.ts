import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConstraint } from './constraint.ts'
import {
  compareVersions,
  incrementVersion,
  parseFluxVersion,
  parseStrictVersion,
  parseVersion,
} from './version.ts'

describe('parseVersion', () => {
  test.for([
    ['v1', '1.0.0'],
    ['1.2', '1.2.0'],
    ['2023.01.02', '2023.1.2'],
    ['1.2.3-rc.1+b.7', '1.2.3-rc.1+b.7'],
  ])('%s is %s', ([text = '', want]) => {
    expect(parseVersion(text).toString()).toBe(want)
  })

  test.for([
    ['', 'invalid semantic version'],
    ['1.2.3-01', 'version segment starts with 0'],
    ['1'.repeat(257), 'version string is too long (max 256 bytes)'],
    [
      '1.18446744073709551616',
      'error parsing version segment: strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
  ])('%s is rejected', ([text = '', message]) => {
    expect(() => parseVersion(text)).toThrow(message)
  })
})

test.for([
  ['', 'version string empty'],
  ['1.2', 'invalid semantic version'],
  ['v1.2.3', 'invalid characters in version'],
  ['1.02.3', 'version segment starts with 0'],
  ['1.2.3-a..b', 'invalid prerelease string'],
  ['1.2.3+', 'invalid metadata string'],
  ['1..3', 'strconv.ParseUint: parsing "": invalid syntax'],
])('the strict reader rejects %j', ([text = '', message]) => {
  expect(() => parseStrictVersion(text)).toThrow(message)
})

test('Flux wants three parts and allows a v', () => {
  expect(parseFluxVersion('v1.02.3').toString()).toBe('1.2.3')
  expect(() => parseFluxVersion('1.2')).toThrow('invalid semantic version')
})

test('incrementing', () => {
  const version = parseVersion('v1.2.3-rc.1')
  expect(incrementVersion(version, 'patch').original).toBe('v1.2.3')
  expect(incrementVersion(version, 'minor').original).toBe('v1.3.0')
  expect(incrementVersion(version, 'major').toString()).toBe('2.0.0')
})

describe('constraints', () => {
  test.for<[constraint: string, yes: string[], no: string[]]>([
    ['^1.2', ['1.2.0', '1.9.9'], ['1.1.9', '2.0.0', '1.3.0-rc']],
    ['^0.2.3', ['0.2.9'], ['0.3.0', '0.2.2']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['~1.2.3-0', ['1.2.4-rc', '1.2.9'], ['1.3.0']],
    ['>1.2', ['1.3.0'], ['1.2.9']],
    ['<=1.2.x', ['1.2.9', '0.1.0'], ['1.3.0']],
    ['!=1.2.*', ['1.3.0', '2.2.0'], ['1.2.7']],
    ['1.2 - 1.4', ['1.2.0', '1.4.9'], ['1.5.0']],
    ['>=1.0 <2, !=1.5.0 || ~3', ['1.4.0', '3.9.0'], ['1.5.0', '2.0.0', '4.0.0']],
    ['*', ['0.0.0', '9.9.9'], ['1.0.0-a']],
  ])('%s', ([text, yes, no]) => {
    const constraint = parseConstraint(text)
    const met = (it: string): boolean => constraint.check(parseVersion(it))
    expect([yes.filter((it) => !met(it)), no.filter(met)]).toEqual([[], []])
  })

  test.for([
    ['', 'improper constraint: ""'],
    ['>1 ~~2', 'improper constraint: ">1 ~~2"'],
    ['1.2.3-01', 'constraint parser error'],
  ])('%j is rejected', ([text = '', message]) => {
    expect(() => parseConstraint(text)).toThrow(message)
  })

  test('the reasons are told', () => {
    expect(parseConstraint('^0.0.3 || ~2').validate(parseVersion('0.0.4'))).toEqual([
      '"0.0.4" does not equal "0.0.3". Expect version and constraint to equal when major and minor versions are 0',
      '"0.0.4" is less than "2"',
    ])
    expect(parseConstraint('^1').validate(parseVersion('1.2.3'))).toEqual([])
  })

  test('a hostile constraint takes linear time', () => {
    expect(() => parseConstraint(`${'1 '.repeat(3_000)}!`)).toThrow('improper constraint')
    expect(() => parseConstraint('1 - 2 '.repeat(2_000))).toThrow('too long')
  })
})

test('comparing is an order', () => {
  const identifier = fc.constantFrom('0', '2', '10', 'a', 'b', '-', 'A1', '99999999999999999999')
  const version = fc
    .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.array(identifier, { maxLength: 3 }))
    .map(([major, minor, patch, parts]) =>
      parseVersion(`${major}.${minor}.${patch}${parts.length > 0 ? `-${parts.join('.')}` : ''}`),
    )
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(compareVersions(a, b)).toBe(0 - compareVersions(b, a) || 0)
      expect(compareVersions(a, a)).toBe(0)
      const [low, middle, high] = [a, b, c].toSorted(compareVersions)
      expect([
        compareVersions(low!, middle!),
        compareVersions(middle!, high!),
        compareVersions(low!, high!),
      ]).not.toContain(1)
    }),
    { numRuns: 1_000, seed: 1 },
  )
})
