import { describe, expect, test } from 'vitest'
import { GoFunction, GoInt, GoMap, GoNamed, GoObject, GoSlice, type GoValue, goInt } from '../value.ts'
import { sprint, sprintln } from './sprint.ts'
import { sprintf } from './sprintf.ts'

const person = new GoObject(
  '*main.P',
  new Map<string, GoValue>([
    ['Name', 'x'],
    ['Age', goInt(3)],
  ]),
)
const shown = new GoObject('main.S', new Map(), new Map([['String', new GoFunction([], () => 'me')]]))

describe('sprintf', () => {
  test.for<readonly [string, readonly GoValue[], string]>([
    [
      '%5d|%-5d|%05d|%+d|% d',
      [goInt(42), goInt(42), goInt(-42), goInt(42), goInt(42)],
      '   42|42   |-0042|+42| 42',
    ],
    [
      '%x %X %#x %o %#o %O %b %U %#U',
      Array.from({ length: 9 }, () => goInt(65)),
      "41 41 0x41 101 0101 0o101 1000001 U+0041 U+0041 'A'",
    ],
    ['%c%q', [goInt(0x65e5), goInt(10)], "日'\\n'"],
    [
      '%.0f %.2f %e %g %8.3f| %-8.1f| %+.1f',
      [2.5, 1.005, 1234.5, 1e6, 3.0625, 2, 2],
      '2 1.00 1.234500e+03 1e+06    3.062| 2.0     | +2.0',
    ],
    ['%06.1f %#g %x', [-2.5, 1, 1], '-002.5 1.00000 0x1p+00'],
    ['%v %v %v', [Infinity, -Infinity, Number.NaN], '+Inf -Inf NaN'],
    [
      '%q %#q %+q %x % X %.2s|%5s|%-5s|%05s',
      ['a"', 'b', 'é', 'hi', 'hi', '日本語', 'é', 'é', 'a'],
      '"a\\"" `b` "\\u00e9" 6869 68 69 日本|    é|é    |0000a',
    ],
    [
      '%v %+v %#v %T',
      [person, person, person, person],
      '&{x 3} &{Name:x Age:3} &main.P{Name:"x", Age:3} *main.P',
    ],
    ['%s %v %d', [shown, [shown], shown], 'me [me] {}'],
    [
      '%v %#v',
      [
        [null, 'a', goInt(1)],
        [null, 'a', goInt(1)],
      ],
      '[<nil> a 1] []interface {}{interface {}(nil), "a", 1}',
    ],
    [
      '%v %#v',
      [
        new Map<string, GoValue>([
          ['b', 1],
          ['a', null],
        ]),
        new GoSlice('[]string', null),
      ],
      'map[a:<nil> b:1] []string(nil)',
    ],
    ['%d %s', ['a', goInt(1)], '%!d(string=a) %!s(int=1)'],
    ['%d %z %', [], '%!d(MISSING) %!z(MISSING) %!(NOVERB)'],
    ['%[2]d %[1]d', [goInt(1), goInt(2)], '2 1'],
    ['%[3]d %[x]d %[2]*[1]d|', [goInt(1), goInt(4)], '%!d(BADINDEX) %!d(BADINDEX)    1|'],
    ['%*d|%-*d|%.*f', [goInt(4), goInt(1), goInt(4), goInt(1), goInt(1), 2.55], '   1|1   |2.5'],
    ['%d', [goInt(1), 'x', null], '1%!(EXTRA string=x, <nil>)'],
    ['100%%', [], '100%'],
    ['%s %v %x %d', Array.from({ length: 4 }, () => Uint8Array.of(104, 105)), 'hi [104 105] 6869 [104 105]'],
    ['%v %T', [new GoNamed('json.Number', '1.0'), new GoMap('map[string]int', null)], '1.0 map[string]int'],
    ['%t %t', [true, 'x'], 'true %!t(string=x)'],
    ['%#v %#v', [new GoInt('uint8', 7n), 1.0], '0x7 1'],
  ])('%j', ([format, args, want]) => {
    expect(sprintf(format, args)).toBe(want)
  })
})

test('sprint puts spaces between two operands that are not strings', () => {
  expect(sprint([goInt(1), goInt(2), 'a', goInt(3), true])).toBe('1 2a3 true')
  expect(sprintln(['a', null])).toBe('a <nil>\n')
})

test('a value that contains itself ends in an error', () => {
  const map = new Map<string, GoValue>()
  map.set('self', map)
  expect(() => sprint([map])).toThrow('nested deeper')
})
