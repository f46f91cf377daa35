import { GoInt, GoNamed } from '@sluice/go'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonMarshal } from './marshal.ts'
import { parseJson, parseJsonGo } from './parse.ts'

describe('jsonMarshal', () => {
  test.for<[value: Parameters<typeof jsonMarshal>[0], want: string]>([
    [{ b: 1, a: '<&>', é: null, z: undefined }, '{"a":"\\u003c\\u0026\\u003e","b":1,"é":null}'],
    ['\b\f\u0001\x7f\u2028"\\', '"\\b\\f\\u0001\x7f\\u2028\\"\\\\"'],
    ['\udcff\\udcff', '"\\ufffd\\\\udcff"'],
    [[1e21, 1e-7, 1e20, -0, 2n ** 63n], '[1e+21,1e-7,100000000000000000000,-0,9223372036854775808]'],
    [[new GoNamed('json.Number', '1.0'), new GoInt('int', 3n)], '[1.0,3]'],
    [Uint8Array.of(1, 2), '"AQI="'],
  ])('%#', ([value, want]) => {
    expect(jsonMarshal(value)).toBe(want)
  })

  test('HTML stays and levels are indented when asked for', () => {
    expect(jsonMarshal({ a: [1, {}], b: '<' }, { escapeHtml: false, indent: '  ' })).toBe(
      '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "<"\n}',
    )
  })
})

const character = fc.constantFrom(...Array.from('a1 <"\\/\n\u0001\x7f\u2028é☃🎉'))

test('what is written is read back, here and by JavaScript', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: character }), fc.boolean(), (value, indented) => {
      const text = jsonMarshal(value, indented ? { indent: '  ' } : {})
      expect(jsonMarshal(parseJson(text))).toBe(jsonMarshal(value))
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(jsonMarshal(parseJson(text)))))
    }),
  )
})

describe('parseJson', () => {
  test.for<[text: string, want: unknown]>([
    [' {"a": [1, -2.5e1, "\\u00e9\\n\\ud83c\\udf89\\ud800"], "a": true} ', { a: true }],
    ['["\\ud83c\\udf89", "\\ud800", null]', ['🎉', '\ufffd', null]],
    ['[9007199254740993, 18446744073709551616, 1e3]', [9007199254740993n, 18446744073709551616, 1000]],
  ])('%j', ([text, want]) => {
    expect(parseJson(text)).toEqual(want)
  })

  test('numbers keep their literal as json.Number', () => {
    expect(parseJsonGo('[1.0]', 'json.Number')).toEqual([new GoNamed('json.Number', '1.0')])
  })

  test.for([
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a": 1]', "invalid character ']' after object key:value pair"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['[é]', "invalid character 'Ã' looking for beginning of value"],
    ['tru3', "invalid character '3' in literal true (expecting 'e')"],
    ['1 x', "invalid character 'x' after top-level value"],
    ['1.5.', "invalid character '.' after top-level value"],
    ['[1e400, 2]', 'json: cannot unmarshal number 1e400 into Go value of type float64'],
    ['[1e400, x', "invalid character 'x' looking for beginning of value"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
  ])('%j fails', ([text, message]) => {
    expect(() => parseJson(text ?? '')).toThrow(message)
  })
})
