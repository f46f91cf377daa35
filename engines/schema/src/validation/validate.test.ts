import type { JsonObject } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { structuralSchema } from '../structural/structural-schema.ts'
import { stringFormat } from './formats.ts'
import { validate, validateResource } from './validate.ts'

function texts(schema: JsonObject, value: unknown, old?: unknown): string[] {
  const errors = validate(value, structuralSchema({ type: 'object', properties: { a: schema } }), {
    old: old === undefined ? undefined : { a: old },
  })
  return errors.map((it) => it.text)
}

describe('shapes', () => {
  const cases: readonly (readonly [JsonObject, unknown, readonly string[]])[] = [
    [{ type: 'string' }, 1, ['a: Invalid value: "integer": a in body must be of type string: "integer"']],
    [{ type: 'integer' }, 2, []],
    [{ type: 'number' }, 2, []],
    [
      { type: 'integer' },
      1.5,
      [
        'a: Invalid value: "number": a in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in a',
      ],
    ],
    [
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
    ],
    [{ type: 'string' }, null, ['a: Invalid value: "null": a in body must be of type string: "null"']],
    [{ type: 'string', nullable: true }, null, []],
    [{ 'x-kubernetes-int-or-string': true }, '5', []],
    [
      { 'x-kubernetes-int-or-string': true },
      true,
      ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
    ],
    [
      { type: 'string', format: 'date-time' },
      'now',
      ['a: Invalid value: "now": a in body must be of type date-time: "now"'],
    ],
    [{ type: 'string', format: 'unheard-of' }, 'now', []],
    [{ type: 'string', maxLength: 1 }, '😀', []],
    [{ type: 'string', maxLength: 1 }, 'ab', ['a: Too long: may not be more than 1 byte']],
    [
      { type: 'string', minLength: 2 },
      '😀',
      ['a: Invalid value: "😀": a in body should be at least 2 chars long'],
    ],
    [
      { type: 'string', pattern: '^[a-z]+$' },
      'A',
      ['a: Invalid value: "A": a in body should match \'^[a-z]+$\''],
    ],
    [{ type: 'string', enum: ['x', 'y'] }, 'z', ['a: Unsupported value: "z": supported values: "x", "y"']],
    [
      { type: 'integer', minimum: 3 },
      2,
      ['a: Invalid value: 2: a in body should be greater than or equal to 3'],
    ],
    [
      { type: 'integer', maximum: 3, exclusiveMaximum: true },
      3,
      ['a: Invalid value: 3: a in body should be less than 3'],
    ],
    [
      { type: 'number', multipleOf: 0.1 },
      0.25,
      ['a: Invalid value: 0.25: a in body should be a multiple of 0.1'],
    ],
    [{ type: 'number', multipleOf: 0.1 }, 0.3, []],
    [
      { type: 'array', items: { type: 'string' }, minItems: 2 },
      [1],
      [
        'a[0]: Invalid value: "integer": a[0] in body must be of type string: "integer"',
        'a: Invalid value: 1: a in body should have at least 2 items',
      ],
    ],
    [{ type: 'array', maxItems: 1 }, [1, 2], ['a: Too many: 2: must have at most 1 item']],
    [
      { type: 'array', uniqueItems: true },
      [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
      ['a: Invalid value: "": a in body shouldn\'t contain duplicates'],
    ],
    [{ type: 'object', required: ['b'] }, {}, ['a.b: Required value']],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { b: 1 },
      ['a.b: Invalid value: "integer": a.b in body must be of type string: "integer"'],
    ],
    [
      { type: 'object', minProperties: 1 },
      {},
      ['a: Invalid value: 0: a in body should have at least 1 properties'],
    ],
    [
      { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 2 }] },
      1,
      [
        '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
        'a: Invalid value: 1: a in body should be greater than or equal to 2',
      ],
    ],
    [
      { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      [
        '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      { type: 'integer', allOf: [{ minimum: 5 }] },
      3,
      [
        'a: Invalid value: 3: a in body should be greater than or equal to 5',
        '<nil>: Invalid value: "": "a" must validate all the schemas (allOf). None validated',
      ],
    ],
    [
      { type: 'integer', not: { minimum: 5 } },
      6,
      ['<nil>: Invalid value: "": "a" must not validate the schema (not)'],
    ],
  ]
  test.each(cases)('%j takes %j', (schema, value, expected) => {
    expect(texts(schema, { a: value })).toEqual(expected)
  })

  test('errors of what has not changed are let pass', () => {
    const schema: JsonObject = { type: 'string', maxLength: 1 }
    expect(texts(schema, { a: 'ab' }, 'ab')).toEqual([])
    expect(texts(schema, { a: 'abc' }, 'ab')).toHaveLength(1)
  })

  test('a hostile pattern takes linear time', () => {
    expect(texts({ type: 'string', pattern: '^(a+)+$' }, { a: `${'a'.repeat(50_000)}!` })).toHaveLength(1)
  })
})

test.each([
  ['ipv4', '010.0.0.1', true],
  ['ipv4', '256.0.0.1', false],
  ['ipv6', '::1', true],
  ['cidr', '10.0.0.0/33', false],
  ['mac', '01:23:45:67:89:ab', true],
  ['mac', '01:23-45:67:89:ab', false],
  ['isbn', '978-0321751041', true],
  ['creditcard', '4111 1111 1111 1111', true],
  ['email', 'Ann Other <ann@example.com>', true],
  ['email', 'A. N. Other <ann.other@example.com>', true],
  ['email', '"Other, Ann" <ann@[127.0.0.1]>', true],
  ['email', 'ann@', false],
  ['duration', '1h30.5m', true],
  ['duration', 'soon', false],
  ['hostname', 'a.example.com', true],
  ['duration', '3 days', true],
  ['uri', 'relative', false],
  ['k8s-short-name', 'a.b', false],
])('format %s of %s is %s', (format, text, expected) => {
  expect(stringFormat(format)?.(text)).toBe(expected)
})

test.each(['duration', 'email', 'hostname', 'uri', 'byte', 'creditcard', 'mac', 'rgbcolor'])(
  'a hostile %s takes linear time',
  (format) => {
    for (const part of ['1', 'a', ' ', '.', '1 ', 'a.', '-']) stringFormat(format)?.(part.repeat(200_000))
    expect(stringFormat(format)?.('')).toBe(false)
  },
)

describe('resources', () => {
  const schema = structuralSchema({
    type: 'object',
    'x-kubernetes-validations': [{ rule: 'self.size < 3', message: 'too large' }],
    properties: {
      size: { type: 'integer' },
      set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' } } },
      },
      template: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  })
  const validated = (value: unknown, old?: unknown): string[] =>
    validateResource(value, schema, { old }).errors.map((it) => it.text)

  test('rules run where the shape is right', () => {
    expect(validated({ size: 3 })).toEqual(['<nil>: Invalid value: too large'])
    expect(validated({ size: '3' })).toEqual([
      'size: Invalid value: "string": size in body must be of type integer: "string"',
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ])
  })

  test('keys of lists are unique, unless they were not before', () => {
    const value = { size: 1, set: ['a', 'b', 'a', 'a'], map: [{ name: 'x' }, { name: 'x' }] }
    expect(validated(value)).toEqual([
      'set[2]: Duplicate value: "a"',
      'map[1]: Duplicate value: {"name":"x"}',
    ])
    expect(validated({ ...value, size: 2 }, value)).toEqual([])
  })

  test('resources within say what they are', () => {
    expect(validated({ size: 1, template: { kind: 'A b', metadata: { name: 'a/b' } } })).toEqual([
      'template.apiVersion: Required value',
      expect.stringContaining('template.kind: Invalid value: "A b": may have mixed case'),
      'template.metadata.name: Invalid value: "a/b": may not contain \'/\'',
      expect.stringContaining('some validation rules were not checked'),
    ])
  })
})
