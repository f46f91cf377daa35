import { noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { mergeFunctions } from '../functions.ts'
import { durationFunctions } from '../helm/durations.ts'
import { parseTemplates, TemplateSet } from '../template-set.ts'
import { hermeticSprigFunctions, sprigFunctions } from './sprig.ts'

const ports = {
  clock: fakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 600)),
  random: seededRandom(1),
  crypto: noCrypto,
}
const functions = mergeFunctions(sprigFunctions(ports), durationFunctions)

function render(template: string): string {
  return new TemplateSet().add(parseTemplates('t', template, functions)).render('t', undefined, { functions })
}

describe('dates', () => {
  test.for([
    ['{{ now }}', '2026-01-02 03:04:05.6 +0000 UTC'],
    ['{{ now | date "2006-01-02" }} {{ htmlDate 0 }} {{ date "2006" "x" }}', '2026-01-02 1970-01-01 2026'],
    ['{{ dateInZone "15:04 MST" (now) "Asia/Tokyo" }} {{ date_in_zone "15" (now) "Nope" }}', '12:04 JST 03'],
    ['{{ (toDate "2006-01-02" "2024-01-31").AddDate 0 1 0 | htmlDate }}', '2024-03-02'],
    [
      '{{ (now.Sub (toDate "2006" "2026")).Hours }} {{ (now.Truncate (mustToDuration 60)).Second }}',
      '27.06822222222222 0',
    ],
    [
      '{{ ago (toDate "2006-01-02" "2026-01-01") }} {{ duration "95" }} {{ durationRound "26h" }}',
      '27h4m6s 1m35s 1d',
    ],
    ['{{ durationDays "36h" }} {{ durationRoundTo "90s" "1m" }} {{ durationSeconds "x" }}', '1.5 2m0s 0'],
    ['{{ unixEpoch (dateModify "-1h" (toDate "2006-01-02" "1970-01-02")) }}', '82800'],
    ['{{ now.Month }} {{ now.Weekday }} {{ (toDate "x" "y").IsZero }}', 'January Friday true'],
  ])('%s', ([template = '', want]) => {
    expect(render(template)).toBe(want)
  })
})

describe('regular expressions, versions, paths and URLs', () => {
  test.for([
    [
      '{{ regexMatch "(" "a" }} {{ regexFindAll "a." "abac" 1 }} {{ regexSplit "b" "abc" -1 }}',
      'false [ab] [a c]',
    ],
    [
      '{{ regexReplaceAll "a(x*)b" "-axb-" "${1}W" }} {{ mustRegexReplaceAllLiteral "a" "ba" "$1" }}',
      '-xW- b$1',
    ],
    [
      '{{ semver "v1.2" }} {{ (semver "1.2.3-b").IncPatch }} {{ semverCompare "^1" "2.0.0" }}',
      '1.2.0 1.2.3 false',
    ],
    ['{{ clean "/a/../b//c/." }} {{ osDir "a/b/" }} {{ base "" }} {{ ext "x.tar.gz" }}', '/b/c a/b . .gz'],
    [
      '{{ urlJoin (urlParse "https://u:p@h:1/a%2Fb?x=1#f") }} {{ (urlParse "//[::1]:2/").hostname }}',
      'https://u:p@h:1/a/b?x=1#f ::1',
    ],
    ['{{ getHostByName "localhost" }}', ''],
  ])('%s', ([template = '', want]) => {
    expect(render(template)).toBe(want)
  })

  test.for([
    [
      '{{ regexFind "(" "a" }}',
      'error calling regexFind: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`',
    ],
    ['{{ urlJoin (dict "host" 1) }}', 'unable to parse host key, must be of type string, but int found'],
    ['{{ randInt 1 1 }}', 'error calling randInt: invalid argument to Intn'],
    ['{{ randAlphaNum 1000000000000 }}', 'bytes were made'],
  ])('%s fails', ([template = '', message]) => {
    expect(() => render(template)).toThrow(message)
  })
})

test('random texts have the length and the characters asked for', () => {
  expect(render('{{ randAlphaNum 40 }}')).toMatch(/^[A-Za-z0-9]{40}$/)
  expect(render('{{ uuidv4 }}')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  expect(render('{{ randBytes 3 | len }}')).toBe('4')
  expect(Array.from(render('{{ shuffle "abc" }}')).toSorted().join('')).toBe('abc')
})

test('hermetic functions leave out time, chance and network', () => {
  const names = new Set(hermeticSprigFunctions(ports).keys())
  expect(['now', 'date', 'uuidv4', 'getHostByName'].filter((it) => names.has(it))).toEqual([])
  expect(names.has('toDate') && names.has('upper')).toBe(true)
})
