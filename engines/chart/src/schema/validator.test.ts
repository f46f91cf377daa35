import { parseJsonGo } from '@sluice/yaml'
import { describe, expect, test } from 'vitest'
import { SchemaDocument } from './json-schema.ts'
import { Validator } from './validator.ts'
import { reportLines } from './violation.ts'

const draft7 = '"$schema":"http://json-schema.org/draft-07/schema#"'

function report(schema: string, value: string): string[] {
  return reportLines(new Validator(new SchemaDocument(parseJsonGo(schema))).violations(parseJsonGo(value)))
}

describe('violations', () => {
  test.for([
    ['{"type":["integer","string"]}', 'true', "- at '': got boolean, want integer or string"],
    [
      '{"properties":{"a/b":{"maximum":65535}}}',
      '{"a/b":70000}',
      "- at '/a~1b': maximum: got 70,000, want 65,535",
    ],
    ['{"required":["a","b"]}', '{}', "- at '': missing properties 'a', 'b'"],
    ['{"enum":["a",3,null]}', '4', "- at '': value must be one of 'a', 3, <nil>"],
    [
      '{"additionalProperties":false}',
      '{"b":1,"a":2}',
      "- at '': additional properties 'a', 'b' not allowed",
    ],
    ['{"oneOf":[{"type":"number"},{"minimum":1}]}', '2', "- at '': 'oneOf' failed, subschemas 0, 1 matched"],
    [
      `{${draft7},"format":"uri"}`,
      '"::x"',
      `- at '': '::x' is not valid uri: parse "::x": missing protocol scheme`,
    ],
    ['{"minLength":2}', '"é"', "- at '': minLength: got 1, want 2"],
    ['{"uniqueItems":true}', '[1,2,1.0]', "- at '': items at 0 and 2 are equal"],
  ] as const)('%s of %s', ([schema, value, want]) => {
    expect(report(schema, value)).toEqual([want])
  })

  test('alternatives name what each of them misses', () => {
    expect(report('{"anyOf":[{"type":"string"},{"type":"integer"}]}', 'true')).toEqual([
      "- at '': 'anyOf' failed",
      "  - at '': got boolean, want string",
      "  - at '': got boolean, want integer",
    ])
  })

  test('references stay in the document', () => {
    const schema = '{"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}}'
    expect(report(schema, '{"a":"x"}')).toEqual(["- at '/a': got string, want number"])
    expect(() => report('{"$ref":"http://x/y"}', '1')).toThrow(
      'references to other documents are not followed',
    )
    expect(() => report('{"$ref":"#/nope"}', '1')).toThrow('not found')
  })

  test('a schema that only refers to itself ends', () => {
    expect(() => report('{"$ref":"#"}', '1')).toThrow('refers to itself without an end')
  })

  test('a hostile pattern takes linear time', () => {
    expect(report('{"pattern":"^(a+)+$"}', JSON.stringify(`${'a'.repeat(50_000)}b`))).toHaveLength(1)
  })
})
