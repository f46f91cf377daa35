import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from './structural-schema.ts'

/** The keywords of a schema that restrict values without describing their structure. */
export type ValueRules = {
  readonly format: string
  readonly pattern: string
  readonly enum: readonly JsonValue[] | undefined
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly exclusiveMinimum: boolean
  readonly exclusiveMaximum: boolean
  readonly multipleOf: number | undefined
  readonly minLength: number | undefined
  readonly maxLength: number | undefined
  readonly minItems: number | undefined
  readonly maxItems: number | undefined
  readonly uniqueItems: boolean
  readonly minProperties: number | undefined
  readonly maxProperties: number | undefined
  readonly required: readonly string[]
  readonly allOf: readonly StructuralSchema[]
  readonly anyOf: readonly StructuralSchema[]
  readonly oneOf: readonly StructuralSchema[]
  readonly not: StructuralSchema | undefined
}

export function valueRules(source: JsonObject, child: (source: JsonObject) => StructuralSchema): ValueRules {
  const number = (key: string): number | undefined => {
    const value: unknown = source[key]
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
  }
  const text = (key: string): string => {
    const value = source[key]
    return typeof value === 'string' ? value : ''
  }
  const schemas = (key: string): readonly StructuralSchema[] => {
    const value = source[key]
    return Array.isArray(value) ? value.map((it: JsonObject) => child(it)) : []
  }
  const { enum: allowed, required, not } = source
  return {
    format: text('format'),
    pattern: text('pattern'),
    enum: Array.isArray(allowed) ? allowed : undefined,
    minimum: number('minimum'),
    maximum: number('maximum'),
    exclusiveMinimum: source.exclusiveMinimum === true,
    exclusiveMaximum: source.exclusiveMaximum === true,
    multipleOf: number('multipleOf'),
    minLength: number('minLength'),
    maxLength: number('maxLength'),
    minItems: number('minItems'),
    maxItems: number('maxItems'),
    uniqueItems: source.uniqueItems === true,
    minProperties: number('minProperties'),
    maxProperties: number('maxProperties'),
    required: Array.isArray(required) ? (required as readonly string[]) : [],
    allOf: schemas('allOf'),
    anyOf: schemas('anyOf'),
    oneOf: schemas('oneOf'),
    not:
      typeof not === 'object' && not !== null && !Array.isArray(not) ? child(not as JsonObject) : undefined,
  }
}
