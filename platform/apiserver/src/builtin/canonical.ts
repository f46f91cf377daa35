import type { JsonObject, JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'
import { parseQuantity, printQuantity } from '../kinds/quantity.ts'
import { isObject } from '../verbs/decode.ts'
import { isNullWhenAbsent, isOmittedList, leavesOutZero, nullsOf } from './zero-values.ts'

const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity'

/**
 * A built-in object as its Go type writes it: what is empty goes, unless the field is always written or emptiness means
 * something; structs that are always there appear. Unknown fields are gone already.
 */
export function canonical(value: JsonObject, type: StructuralSchema): JsonObject {
  return canonicalStruct(value, planOf(type))
}

/** A built-in object as it comes back from the store, where an empty list is none. */
export function withoutEmptyLists<T extends object>(object: T, type: StructuralSchema): T {
  const fields = object as Readonly<Record<string, unknown>>
  const empty = [...nullsOf(type)].filter((name) => {
    const value = fields[name]
    return Array.isArray(value) && value.length === 0
  })
  return empty.length === 0 ? object : { ...object, ...Object.fromEntries(empty.map((name) => [name, null])) }
}

/** A struct of its own type, or a fixed value. */
type Absent = { readonly kind: 'struct' } | { readonly kind: 'value'; readonly value: JsonValue }

type FieldPlan = {
  readonly name: string
  readonly schema: StructuralSchema
  readonly required: boolean
  /** What is written when the field is absent; `undefined` for nothing. */
  readonly absent: Absent | undefined
  readonly keepsEmptyText: boolean
  readonly dropsZero: boolean
}

type Plan = { readonly type: StructuralSchema; readonly fields: readonly FieldPlan[] }

const plans = new WeakMap<StructuralSchema, Plan>()

function planOf(type: StructuralSchema): Plan {
  let plan = plans.get(type)
  if (!plan) plans.set(type, (plan = makePlan(type)))
  return plan
}

function makePlan(type: StructuralSchema): Plan {
  const required = new Set(type.rules.required)
  return {
    type,
    fields: [...type.properties].map(([name, schema]) => ({
      name,
      schema,
      required: required.has(name) || isZero(schema.default),
      absent: whenAbsent(type, name, { schema, required: required.has(name) }),
      keepsEmptyText: !leavesOutZero(type, name, ''),
      dropsZero: leavesOutZero(type, name, 0),
    })),
  }
}

function isZero(value: JsonValue | undefined): boolean {
  return value === '' || value === 0 || value === false
}

function whenAbsent(
  type: StructuralSchema,
  name: string,
  { schema, required }: { readonly schema: StructuralSchema; readonly required: boolean },
): FieldPlan['absent'] {
  if (isNullWhenAbsent(type, name)) return { kind: 'value', value: null }
  const { default: value } = schema
  if (isStruct(schema)) {
    return isObject(value) && Object.keys(value).length === 0 ? { kind: 'struct' } : undefined
  }
  // A zero by default is one that Go always writes.
  if (value !== undefined && isZero(value)) return { kind: 'value', value }
  if (!required || isOmittedList(type, name)) return undefined
  if (schema.type === 'array' || schema.type === 'object') return { kind: 'value', value: null }
  return value === undefined || typeof value === 'object' ? undefined : { kind: 'value', value }
}

function isStruct(schema: StructuralSchema): boolean {
  return schema.type === 'object' && schema.properties.size > 0
}

function canonicalStruct(value: JsonObject, { fields, type }: Plan): JsonObject {
  if (fields.length === 0) return value
  const result: { [name: string]: JsonValue } = {}
  for (const plan of fields) {
    const own = Object.hasOwn(value, plan.name) ? value[plan.name] : undefined
    const written = own === undefined || own === null ? absentValue(plan) : canonicalField(own, plan)
    if (written !== undefined) result[plan.name] = written
  }
  // A union's key may be spelled beyond the properties, as in free parts of the type.
  return type.preserveUnknownFields ? { ...value, ...result } : result
}

function absentValue({ absent, schema }: FieldPlan): JsonValue | undefined {
  if (!absent) return undefined
  return absent.kind === 'struct' ? canonicalStruct({}, planOf(schema)) : absent.value
}

function canonicalField(value: JsonValue, plan: FieldPlan): JsonValue | undefined {
  const { schema, required } = plan
  if (schema.definition === quantity) return canonicalQuantity(value)
  if (value === '') return required || plan.keepsEmptyText ? value : undefined
  if (value === 0 || value === false) return plan.dropsZero && !required ? undefined : value
  if (Array.isArray(value)) return canonicalList(value as readonly JsonValue[], plan)
  if (!isObject(value)) return value
  if (isStruct(schema)) return canonicalStruct(value, planOf(schema))
  const { values } = schema
  if (Object.keys(value).length === 0) return isMap(schema) && !required ? undefined : value
  if (!values || !(isStruct(values) || values.definition === quantity)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, it]) => [name, canonicalItem(it ?? null, values)]),
  )
}

function canonicalList(
  list: readonly JsonValue[],
  { schema, required, absent }: FieldPlan,
): JsonValue | undefined {
  if (list.length === 0 && !required && absent === undefined) return undefined
  return list.map((it) => canonicalItem(it, schema.items))
}

function canonicalQuantity(value: JsonValue): JsonValue {
  const parsed = parseQuantity(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '',
  )
  return parsed ? printQuantity(parsed) : value
}

function isMap(schema: StructuralSchema): boolean {
  return schema.additionalProperties !== false
}

function canonicalItem(value: JsonValue, schema: StructuralSchema | undefined): JsonValue {
  if (schema?.definition === quantity) return canonicalQuantity(value)
  return schema && isObject(value) && isStruct(schema) ? canonicalStruct(value, planOf(schema)) : value
}
