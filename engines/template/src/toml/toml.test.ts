import { jsonMarshal } from '@sluice/yaml'
import { describe, expect, test } from 'vitest'
import { parseToml } from './parse.ts'
import { printToml } from './print.ts'

describe('TOML reads as', () => {
  test.for([
    ['a = 1\nb.c = "x" # note\n', '{"a":1,"b":{"c":"x"}}'],
    [
      '[t]\nx = [1, [2.5, "s"], {y = true}]\n[t.u]\nz = 0x1F',
      '{"t":{"u":{"z":31},"x":[1,[2.5,"s"],{"y":true}]}}',
    ],
    ['[[l]]\nn = 1\n[[l]]\nn = 2\n[l.m]\nk = 1', '{"l":[{"n":1},{"m":{"k":1},"n":2}]}'],
    ['a = """\none\\\n   two\n"""\nb = \'\'\'raw\\n\'\'\'', '{"a":"onetwo\\n","b":"raw\\\\n"}'],
    ['"q k" = "\\u00e9\\t\\U0001F600"\n\'lit\' = \'a\\b\'', '{"lit":"a\\\\b","q k":"é\\t😀"}'],
    [
      'd = 2020-01-02\nt = 10:20:30.5\ndt = 2020-01-02 03:04:05-07:00',
      '{"d":"2020-01-02T00:00:00Z","dt":"2020-01-02T03:04:05-07:00","t":"0000-01-01T10:20:30.5Z"}',
    ],
    [
      'i = {x = 1,\n y.z = 2, # c\n}\ne = "\\x41\\e"\nm = 10:20',
      '{"e":"A\\u001b","i":{"x":1,"y":{"z":2}},"m":"0000-01-01T10:20:00Z"}',
    ],
    ['a = 1_000\nb = -0.5e3\nc = [\n 1, # one\n 2,\n]', '{"a":1000,"b":-500,"c":[1,2]}'],
    ['', '{}'],
  ] as const)('%j', ([text, want]) => {
    expect(jsonMarshal(parseToml(text))).toBe(want)
  })
})

describe('what is no TOML says why', () => {
  test.for([
    ['a =', 'toml: line 1 (last key "a"): unexpected EOF; expected value'],
    ['x = 1\na = 1\na = 2', 'toml: line 3 (last key "a"): Key \'a\' has already been defined.'],
    ['[a', "toml: line 1: expected '.' or ']' to end table name, but got '\\x00' instead"],
    ['[t]\na = nope', 'toml: line 2 (last key "t.a"): expected value but found "nope" instead'],
    ['a = "x\ny"', 'toml: line 1 (last key "a"): strings cannot contain newlines'],
    ['a = 01', 'toml: line 1 (last key "a"): Invalid integer "01": cannot have leading zeroes'],
    [
      'a = 1 b = 2',
      "toml: line 1: expected a top-level item to end with a newline, comment, or EOF, but got 'b' instead",
    ],
    ['= 1', "toml: line 1: unexpected '=': key name appears blank"],
    [
      'a = [1 2]',
      "toml: line 1 (last key \"a\"): expected a comma (',') or array terminator (']'), but got '2'",
    ],
    ['a = "\\q"', 'toml: line 1 (last key "a"): invalid escape in string \'\\q\''],
    [
      'a = 99999999999999999999',
      'toml: line 1 (last key "a"): 99999999999999999999 is out of range for int64',
    ],
    ['a = 2020-13-01', 'toml: line 1 (last key "a"): invalid datetime: "2020-13-01"'],
    ['a b = 1', "toml: line 1: expected '.' or '=', but got 'b' instead"],
  ] as const)('%j', ([text, want]) => {
    expect(() => parseToml(text)).toThrow(expect.objectContaining({ message: want }))
  })

  test('nesting has a limit', () => {
    expect(() => parseToml(`a = ${'['.repeat(5_000)}`)).toThrow('nested deeper')
  })
})

test('what was printed reads the same', () => {
  const text =
    'a = 1\nf = 1.0\nl = ["x", {k = 2}]\n\n[t]\n  b = true\n  [t.u]\n    "q k" = "v\\n"\n\n[[z]]\n  n = 1\n\n[[z]]\n  n = 2\n'
  expect(printToml(parseToml(text))).toBe(text)
})
