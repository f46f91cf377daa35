import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'
import { parseQuantity, quantityForm } from '../kinds/quantity.ts'
import { isObject } from '../verbs/decode.ts'
import type { WholeFloat } from '../verbs/whole-floats.ts'

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Why a value cannot be read into a built-in type, in the words of Go's decoder; `undefined` when it can. Nulls and
 * unknown fields are no problem.
 *
 * Source: https://pkg.go.dev/encoding/json#UnmarshalTypeError, by its messages
 */
export function typeProblem(value: JsonObject, type: StructuralSchema): string | undefined {
  return structProblem(value, type, '')
}

/**
 * Why whole numbers that were written as fractions cannot be read: where the type has integers there they are of another
 * kind. `undefined` when the type has none of these places, or takes fractions there.
 */
export function fractionProblem(floats: readonly WholeFloat[], type: StructuralSchema): string | undefined {
  for (const { path, literal } of floats) {
    let schema: StructuralSchema | undefined = type
    let struct = goName(type)
    const names: string[] = []
    for (const name of path) {
      if (schema?.properties.size) {
        struct = goName(schema)
        names.push(String(name))
      }
      schema = typeof name === 'number' ? schema?.items : schema?.field(name)
    }
    if (schema?.type === 'integer' && !schema.intOrString) {
      return numberMismatch(literal, schema, { struct, path: names.join('.') })
    }
  }
  return undefined
}

function structProblem(value: JsonObject, type: StructuralSchema, path: string): string | undefined {
  for (const name of Object.keys(value)) {
    const field = type.properties.get(name)
    const own = value[name]
    if (!field || own === undefined || own === null) continue
    const at = path === '' ? name : `${path}.${name}`
    const problem = fieldProblem(own, field, { struct: goName(type), path: at })
    if (problem !== undefined) return problem
  }
  return undefined
}

type Place = { readonly struct: string; readonly path: string }

function fieldProblem(value: JsonValue, schema: StructuralSchema, place: Place): string | undefined {
  if (value === null) return undefined
  if (schema.definition === quantity) return quantityProblem(value)
  if (schema.intOrString || schema.type === '') return undefined
  switch (schema.type) {
    case 'object':
      return objectProblem(value, schema, place)
    case 'array': {
      if (!Array.isArray(value)) return mismatch(value, schema, place)
      const { items } = schema
      if (!items) return undefined
      for (const item of value as readonly JsonValue[]) {
        const problem = fieldProblem(item, items, place)
        if (problem !== undefined) return problem
      }
      return undefined
    }
    case 'string':
      return typeof value === 'string' ? textProblem(value, schema) : mismatch(value, schema, place)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(value, schema, place)
    case 'integer':
      if (typeof value !== 'number') return mismatch(value, schema, place)
      return Number.isInteger(value) ? undefined : numberMismatch(value, schema, place)
    case 'number':
      return typeof value === 'number' ? undefined : mismatch(value, schema, place)
  }
}

function objectProblem(value: JsonValue, schema: StructuralSchema, place: Place): string | undefined {
  if (!isObject(value)) return mismatch(value, schema, place)
  if (schema.properties.size > 0) return structProblem(value, schema, place.path)
  const { values } = schema
  if (!values) return undefined
  for (const item of Object.values(value)) {
    const problem = fieldProblem(item ?? null, values, place)
    if (problem !== undefined) return problem
  }
  return undefined
}

function quantityProblem(value: JsonValue): string | undefined {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && parseQuantity(text) ? undefined : quantityForm
}

function textProblem(text: string, schema: StructuralSchema): string | undefined {
  const { format } = schema.source
  if (format === 'byte') return base64Problem(text)
  if (format === 'date-time' && text !== '' && !rfc3339.test(text)) {
    return `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`
  }
  return undefined
}

function base64Problem(text: string): string | undefined {
  const plain = text.replaceAll(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/=]/.exec(plain)
  if (bad) return `illegal base64 data at input byte ${bad.index}`
  const isWhole = plain.length % 4 === 0 && /^[^=]*={0,2}$/.test(plain)
  return isWhole ? undefined : `illegal base64 data at input byte ${plain.length - (plain.length % 4)}`
}

function mismatch(value: JsonValue, schema: StructuralSchema, { struct, path }: Place): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${struct}.${path} of type ${goType(schema)}`
}

function numberMismatch(value: number | string, schema: StructuralSchema, { struct, path }: Place): string {
  return `json: cannot unmarshal number ${value} into Go struct field ${struct}.${path} of type ${goType(schema)}`
}

function jsonKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function goType(schema: StructuralSchema): string {
  const { format } = schema.source
  switch (schema.type) {
    case 'string':
      return format === 'byte' ? '[]uint8' : 'string'
    case 'boolean':
      return 'bool'
    case 'integer':
      return format === 'int64' ? 'int64' : 'int32'
    case 'number':
      return 'float64'
    case 'array':
      return `[]${schema.items ? goType(schema.items) : 'interface {}'}`
    case 'object':
    case '': {
      if (schema.properties.size > 0) return schema.definition.split('.').slice(-2).join('.')
      return schema.values ? `map[string]${goType(schema.values)}` : 'map[string]interface {}'
    }
  }
}

/** `DeploymentSpec` of `io.k8s.api.apps.v1.DeploymentSpec`. */
function goName({ definition }: StructuralSchema): string {
  return definition.slice(definition.lastIndexOf('.') + 1)
}
