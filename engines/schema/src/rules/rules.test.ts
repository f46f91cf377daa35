import type { JsonObject } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { ruleValidator, structuralSchema } from '../index.ts'

function errorsOf(schema: JsonObject, value: unknown, old?: unknown): string[] {
  const validator = ruleValidator(structuralSchema(schema), false)
  return validator?.validate('spec', value, old).errors.map(({ text }) => text) ?? []
}

const rule = (text: string, more: JsonObject = {}): JsonObject => ({
  rule: text,
  ...more,
})

describe('rules', () => {
  test('name the place and the rule', () => {
    const schema = {
      type: 'object',
      properties: { min: { type: 'integer' }, max: { type: 'integer' } },
      'x-kubernetes-validations': [rule('self.min <= self.max')],
    }
    expect(errorsOf(schema, { min: 3, max: 2 })).toEqual([
      'spec: Invalid value: failed rule: self.min <= self.max',
    ])
    expect(errorsOf(schema, { min: 1, max: 2 })).toEqual([])
  })

  test('tell a message, at a field, with a reason', () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' } },
      'x-kubernetes-validations': [
        rule("self.name != 'bad'", { messageExpression: "self.name + ' is taken'", fieldPath: '.name' }),
        rule("self.name != 'bad'", { message: 'no', reason: 'FieldValueForbidden' }),
      ],
    }
    expect(errorsOf(schema, { name: 'bad' })).toEqual([
      'spec.name: Invalid value: bad is taken',
      'spec: Forbidden: no',
    ])
  })

  test('compare with the item of the same key', () => {
    const schema = {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, size: { type: 'integer' } },
        'x-kubernetes-validations': [rule('self.size >= oldSelf.size', { message: 'must not shrink' })],
      },
    }
    const old = [
      { name: 'a', size: 5 },
      { name: 'b', size: 1 },
    ]
    expect(
      errorsOf(
        schema,
        [
          { name: 'b', size: 2 },
          { name: 'a', size: 4 },
          { name: 'c', size: 0 },
        ],
        old,
      ),
    ).toEqual(['spec[1]: Invalid value: must not shrink'])
  })

  test('see escaped names and optional old values', () => {
    const schema = {
      type: 'object',
      properties: { 'a-b': { type: 'string' }, namespace: { type: 'string' } },
      'x-kubernetes-validations': [
        rule("self.a__dash__b == 'x' && self.__namespace__ == 'y'"),
        rule("oldSelf.hasValue() || self.namespace == 'y'", { optionalOldSelf: true }),
      ],
    }
    expect(errorsOf(schema, { 'a-b': 'x', namespace: 'y' })).toEqual([])
  })
})
