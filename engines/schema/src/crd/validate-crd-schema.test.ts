import type { JsonObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { validateCrdSchema } from './validate-crd-schema.ts'

function texts(properties: JsonObject, others: JsonObject = {}): string[] {
  return validateCrdSchema({ type: 'object', properties, ...others }, 'schema').map((it) => it.text)
}

const rules = (...rule: readonly string[]): JsonObject => ({
  'x-kubernetes-validations': rule.map((it) => ({ rule: it })),
})

const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['a plain schema', { a: { type: 'string' } }, []],
  [
    'no type',
    { a: {} },
    ['schema.properties[a].type: Required value: must not be empty for specified object fields'],
  ],
  [
    'an unknown type',
    { a: { type: 'text' } },
    [
      'schema.properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    'a type within a junctor',
    { a: { type: 'string', anyOf: [{ type: 'string' }] } },
    ['schema.properties[a].anyOf[0].type: Forbidden: must be empty to be structural'],
  ],
  [
    'integers or strings by junctor',
    {
      a: {
        'x-kubernetes-int-or-string': true,
        anyOf: [{ type: 'integer' }, { type: 'string' }],
      },
    },
    [],
  ],
  [
    'a pattern that is none',
    { a: { type: 'string', pattern: '(' } },
    [
      'schema.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
  ],
  [
    'fields and values',
    {
      a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
    },
    [
      'schema.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  ],
  [
    'a reference',
    { a: { $ref: '#/definitions/a' } },
    ['schema.properties[a].$ref: Forbidden: $ref is not supported'],
  ],
  [
    'a list map without keys',
    {
      a: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: { type: 'object', properties: { name: { type: 'string' } } },
      },
    },
    [
      'schema.properties[a].items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
    ],
  ],
  [
    'a default of another type',
    { a: { type: 'string', default: 1 } },
    ['schema.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"'],
  ],
  [
    'a default with unknown fields',
    { a: { type: 'object', default: { b: 1 } } },
    ['schema.properties[a].default: Invalid value: {"b":1}: must not have unknown fields'],
  ],
  [
    'a default that breaks its rule',
    { a: { type: 'integer', default: 1, ...rules('self > 1') } },
    ['schema.properties[a].default: Invalid value: 1: failed rule: self > 1'],
  ],
]
test.each(cases)('%s', (_, properties, expected) => {
  expect(texts(properties)).toEqual(expected)
})

test('what junctors of the object restrict is described', () => {
  expect(texts({}, { anyOf: [{ properties: { b: { minLength: 1 } } }] })).toEqual([
    'schema.properties[b]: Required value: because it is defined in schema.anyOf[0].properties[b]',
  ])
})

function list(bounds: JsonObject): JsonObject {
  return { l: { type: 'array', items: { type: 'string', ...bounds }, ...bounds } }
}

test('what a rule may cost follows from the bounds of its data', () => {
  const rule = rules('self.l.all(x, self.l.exists(y, x == y))')
  expect(texts(list({}), rule)).toEqual([
    expect.stringContaining('estimated rule cost exceeds budget by factor of more than 100x'),
    expect.stringContaining('contributed to estimated rule cost total exceeding cost limit'),
    expect.stringContaining('for entire OpenAPIv3 schema exceeds budget by factor of more than 100x'),
  ])
  expect(texts(list({ maxItems: 20, maxLength: 20 }), rule)).toEqual([])
})
