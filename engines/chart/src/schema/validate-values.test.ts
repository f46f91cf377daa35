import { memoryFileTree } from '@sluice/ports'
import { parseJsonGo } from '@sluice/yaml'
import { describe, expect, test } from 'vitest'
import { type Chart, loadChartDirectory, type MutableValues } from '../index.ts'
import { validateValues } from './validate-values.ts'

const compression = { gzip: (data: Uint8Array) => data, gunzip: (data: Uint8Array) => data }
const heading = "values don't meet the specifications of the schema(s) in the following chart(s):\nc:\n"
const draft = {
  4: '"$schema":"http://json-schema.org/draft-04/schema#"',
  7: '"$schema":"http://json-schema.org/draft-07/schema#"',
  2019: '"$schema":"https://json-schema.org/draft/2019-09/schema"',
}

function chartWith(schema: string): Chart {
  const files = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', 'values.schema.json': schema }
  return loadChartDirectory(memoryFileTree(Object.entries(files)), '', { compression })
}

/** What is wrong with `value` as the value `a` under a schema for it, or with the schema itself. */
function report(schema: string, value: string, head = ''): string[] {
  const document = `{${head === '' ? '' : `${head},`}"properties":{"a":${schema}}}`
  return reportOf(document, `{"a":${value}}`)
}

function reportOf(document: string, values: string): string[] {
  try {
    validateValues(chartWith(document), parseJsonGo(values) as MutableValues)
    return []
  } catch (error) {
    return (error as Error).message.replace(heading, '').trimEnd().split('\n')
  }
}

describe('what is wrong with values', () => {
  test.for([
    ['{"type":["string","integer"]}', 'true', 'got boolean, want integer or string'],
    ['{"maximum":65535}', '70000', 'maximum: got 70,000, want 65,535'],
    ['{"exclusiveMinimum":1e21}', '1.5e-7', 'exclusiveMinimum: got 1.5×10⁻⁰⁷, want 1×10²¹'],
    ['{"multipleOf":0.1}', '0.25', 'multipleOf: got 0.25, want 0.1'],
    ['{"required":["a","b"]}', '{}', "missing properties 'a', 'b'"],
    ['{"enum":["a",3.50,null]}', '4', "value must be one of 'a', 3.50, <nil>"],
    ['{"const":{}}', '4', "'const' failed"],
    ['{"additionalProperties":false}', '{"b":1,"a":2}', "additional properties 'a', 'b' not allowed"],
    ['{"oneOf":[{"type":"number"},{"minimum":1}]}', '2', "'oneOf' failed, subschemas 0, 1 matched"],
    ['{"minLength":2}', '"é"', 'minLength: got 1, want 2'],
    ['{"pattern":"^\\\\d+$"}', '"it\'s"', "'it\\'s' does not match pattern '^\\\\d+$'"],
    ['{"uniqueItems":true}', '[1,2,1.0]', 'items at 0 and 2 are equal'],
    [
      '{"contains":{"type":"string"},"maxContains":1}',
      '["x",1,"y"]',
      'max 1 items required to match contains schema, but matched 2 items at 0 2',
    ],
    ['{"dependentRequired":{"x":["y"]}}', '{"x":1}', "properties 'y' required, if 'x' exists"],
    [
      '{"$ref":"#/properties/a"}',
      '1',
      'both /properties/a/$ref and /properties/a resolve to "file:///values.schema.json#/properties/a" causing reference cycle',
    ],
    ['{"format":"ipv4"}', '"x"', undefined],
  ] as const)('%s of %s', ([schema, value, want]) => {
    expect(report(schema, value)).toEqual(want === undefined ? [] : [`- at '/a': ${want}`])
  })

  test.for([
    ['uri', '::x', 'parse "::x": missing protocol scheme'],
    ['ipv6', '1::2::3', 'ParseAddr("1::2::3"): multiple :: in address (at ":3")'],
    ['date', '2023-02-30', 'parsing time "2023-02-30": day out of range'],
    ['date-time', '2023-01-01T25:00:00Z', 'invalid time element: hour/min/sec out of range'],
    ['time', '23:59:60+01:00', 'invalid leap second'],
    ['duration', 'P1M1Y', `unit 'Y' out of order`],
    ['email', 'a@-b', 'invalid domain: label starts with hyphen'],
    ['semver', '1.02.3', 'minor starts with zero'],
    ['uuid', '1-2', 'must have 5 elements'],
    ['regex', '(', 'error parsing regexp: missing closing ): `(`'],
    ['no-format-of-ours', 'x', undefined],
  ] as const)('%s: %s', ([format, text, want]) => {
    const lines = report(`{"format":"${format}"}`, JSON.stringify(text), draft[7])
    expect(lines).toEqual(want === undefined ? [] : [`- at '/a': '${text}' is not valid ${format}: ${want}`])
  })

  test('causes are below what they led to, several of one place below a line of their own', () => {
    const schema = '{"anyOf":[{"type":"string"},{"minimum":9,"multipleOf":2}]}'
    expect(report(schema, '5')).toEqual([
      "- at '/a': 'anyOf' failed",
      "  - at '/a': got number, want string",
      "  - at '/a': validation failed",
      "    - at '/a': minimum: got 5, want 9",
      "    - at '/a': multipleOf: got 5, want 2",
    ])
  })

  test('what was evaluated beside a keyword is not unevaluated, also in other schemas for the same value', () => {
    const schema =
      '{"anyOf":[{"properties":{"x":true}},{"properties":{"y":true}}],"unevaluatedProperties":false}'
    expect(report(schema, '{"x":1,"y":2}')).toEqual([])
    expect(report(schema, '{"x":1,"z":2}')).toEqual(["- at '/a/z': false schema"])
  })

  test('a dynamic reference goes to the outermost anchor of its name', () => {
    const tree = `{"$id":"tree","$dynamicAnchor":"node","properties":{"kids":{"items":{"$dynamicRef":"#node"}}}}`
    const strict = `{"$id":"http://x/strict","$dynamicAnchor":"node","$ref":"tree","unevaluatedProperties":false,"$defs":{"tree":${tree}}}`
    // What did not keep to a schema was not evaluated by it either.
    const lines = ["- at '/kids/0/kid': false schema", "- at '/kids': false schema"]
    expect(reportOf(strict, '{"kids":[{"kid":1}]}')).toEqual(lines)
    const recursive = strict
      .replaceAll('"$dynamicAnchor":"node"', '"$recursiveAnchor":true')
      .replace('"$dynamicRef":"#node"', '"$recursiveRef":"#"')
      .replace('{', `{${draft[2019]},`)
    expect(reportOf(recursive, '{"kids":[{"kid":1}]}')).toEqual(lines)
  })

  test('up to draft 7 a reference hides what stands beside it', () => {
    const schema = '{"$ref":"#/definitions/n","maximum":1}'
    expect(report(schema, '2', `${draft[7]},"definitions":{"n":{"type":"number"}}`)).toEqual([])
    expect(report(schema, '2', '"definitions":{"n":{"type":"number"}}')).toHaveLength(1)
  })
})

describe('what is wrong with a schema', () => {
  const address = '"file:///values.schema.json#"'
  test.for([
    ['{"$ref":"#/nope"}', 'json-pointer in "file:///values.schema.json#/nope" not found'],
    [
      '{"$ref":"#nope"}',
      `anchor in "file:///values.schema.json#nope" not found in schema "file:///values.schema.json"`,
    ],
    [
      '{"$ref":"other.json"}',
      'failing loading "file:///other.json": open /other.json: no such file or directory',
    ],
    ['{"$ref":"http://x/y"}', 'failing loading "http://x/y": references to other documents are not followed'],
    ['{"$ref":"ftp://x/y"}', 'failing loading "ftp://x/y": no URLLoader registered for "ftp://x/y"'],
    ['{"$ref":"urn:x"}', ''],
    [
      '{"$defs":{"x":{"$anchor":"n"},"y":{"$anchor":"n"}}}',
      'duplicate anchor "n" in "file:///values.schema.json" at "/$defs/x" and "/$defs/y"',
    ],
    ['{"a":1} 2', 'invalid character after top-level value'],
    ['{"a":', 'unexpected EOF'],
    ['', 'EOF'],
  ] as const)('%s', ([schema, want]) => {
    expect(reportOf(schema, '{}').join('\n')).toBe(want)
  })

  test('it is checked against the metaschema of its draft', () => {
    expect(reportOf('{"type":"nonsense"}', '{}')).toEqual([
      `${address} is not valid against metaschema: jsonschema validation failed with 'https://json-schema.org/draft/2020-12/schema#'`,
      "- at '': 'allOf' failed",
      "  - at '/type': 'anyOf' failed",
      "    - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'",
      "    - at '/type': got string, want array",
    ])
    expect(reportOf(`{${draft[4]},"required":[]}`, '{}')).toEqual([
      `${address} is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-04/schema#'`,
      "- at '/required': minItems: got 0, want 1",
    ])
  })
})

/** A schema that is applied twice as often at each step. */
function doubling(count: number): string {
  const definitions = Array.from({ length: count }, (_, index) => {
    const next = { $ref: `#/$defs/d${index + 1}` }
    return [`d${index}`, { allOf: [next, next] }] as const
  })
  return JSON.stringify({
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries([...definitions, [`d${count}`, { type: 'object' }]]),
  })
}

function nested(depth: number): string {
  return `${'{"not":'.repeat(depth)}true${'}'.repeat(depth)}`
}

function deepValue(depth: number): string {
  return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
}

describe('hostile schemas end', () => {
  test.for([
    ['doubling at each step', doubling(40), '{}', 'the schema takes too many steps'],
    ['deep', nested(900), '{}', ''],
    ['deeper than is read', nested(5_000), '{}', 'exceeded max depth'],
    ['for a deep value', '{"properties":{"a":{"$ref":"#"}}}', deepValue(400), ''],
    [
      'with a slow pattern',
      '{"properties":{"a":{"pattern":"^(a+)+$"}}}',
      `{"a":"${'a'.repeat(50_000)}b"}`,
      'does not match',
    ],
    ['with an absurd number', '{"properties":{"a":{"maximum":1e999999999}}}', '{"a":1}', 'out of range'],
    [
      'with absurd counts',
      '{"properties":{"a":{"pattern":"(a{1000}){1000}"}}}',
      '{"a":"a"}',
      'is not valid regex',
    ],
    [
      'about many items',
      '{"properties":{"a":{"items":{"type":"string"},"uniqueItems":true}}}',
      `{"a":[${Array.from({ length: 30_000 }, (_, index) => index).join()}]}`,
      'break too many rules',
    ],
  ] as const)('%s', { timeout: 10_000 }, ([, schema, values, want]) => {
    expect(reportOf(schema, values).join('\n')).toContain(want)
  })
})
