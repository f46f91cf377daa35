import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  type TypeProvider,
  timestampType,
} from '@sluice/cel'
import { StructuralSchema } from '../structural/structural-schema.ts'
import { escapeName, reservedWords } from './escape.ts'

/** A schema as CEL sees it: types, and bounds for estimates of costs. */
export type DeclType = {
  /** The CEL type; for objects it carries the name under which their fields are declared. */
  readonly celType: CelType
  /** By escaped name; set for objects. */
  readonly fields?: ReadonlyMap<string, DeclType>
  /** Set for maps. */
  readonly key?: DeclType
  /** Of lists and maps. */
  readonly element?: DeclType
  /** The greatest number of elements, bytes or characters; 0 for what has none. */
  readonly maxElements: number
  /** Bytes of the shortest JSON. */
  readonly minSize: number
}

const maxRequestBytes = 3 * 1024 * 1024
const maxStringLength = maxRequestBytes - 2
const maxNameLength = 253

const keyType: DeclType = { celType: stringType, maxElements: 0, minSize: 2 }
const stringProperty = { type: 'string' }

/**
 * Declares a schema to CEL; `undefined` where expressions cannot see it.
 *
 * Source: https://pkg.go.dev/k8s.io/apiserver/pkg/cel/common#SchemaDeclType
 * @param typeName the name of the type if it is an object; those within it are named after it
 */
export function declareType(
  schema: StructuralSchema,
  isResource: boolean,
  typeName: string,
): DeclType | undefined {
  if (schema.intOrString) {
    const { maxLength } = schema.rules
    const maxElements = maxLength === undefined ? maxStringLength : Math.max(0, maxLength) * 4
    return { celType: dynType, maxElements, minSize: 1 }
  }
  switch (isResource ? 'object' : schema.type) {
    case 'array':
      return declareList(schema, typeName)
    case 'object':
      return declareObject(isResource ? withObjectMeta(schema) : schema, typeName)
    case 'string':
      return declareString(schema)
    case 'boolean':
      return { celType: boolType, maxElements: 0, minSize: 4 }
    case 'number':
      return { celType: doubleType, maxElements: 0, minSize: 1 }
    case 'integer':
      return { celType: intType, maxElements: 0, minSize: 1 }
    case '':
      return undefined
  }
}

function declareList({ items, rules }: StructuralSchema, typeName: string): DeclType | undefined {
  const element = items && declareType(items, items.embeddedResource, `${typeName}.@idx`)
  if (!element) return undefined
  const bound = Math.floor((maxRequestBytes - 2) / (element.minSize + 1))
  const maxElements = rules.maxItems === undefined ? bound : Math.max(0, rules.maxItems)
  return { celType: listType(element.celType), element, maxElements, minSize: 2 }
}

function declareObject(schema: StructuralSchema, typeName: string): DeclType | undefined {
  const { values, rules } = schema
  if (values) {
    const element = declareType(values, values.embeddedResource, `${typeName}.@elem`)
    if (!element) return undefined
    const bound = Math.floor((maxRequestBytes - 2) / (element.minSize + 6))
    const maxElements = rules.maxProperties === undefined ? bound : Math.max(0, rules.maxProperties)
    return { celType: mapType(stringType, element.celType), key: keyType, element, maxElements, minSize: 2 }
  }
  const required = new Set(rules.required)
  const fields = new Map<string, DeclType>()
  let minSize = 2
  for (const [name, property] of schema.properties) {
    const escaped = escapeName(name)
    const field = declareType(property, property.embeddedResource, `${typeName}.${escaped ?? name}`)
    if (!field) continue
    if (escaped !== undefined) fields.set(escaped, field)
    if (required.has(name) && property.default === undefined) {
      minSize += new TextEncoder().encode(name).length + field.minSize + 4
    }
  }
  return { celType: objectType(typeName), fields, maxElements: 0, minSize }
}

function declareString({ rules }: StructuralSchema): DeclType {
  const { format, maxLength, enum: allowed } = rules
  switch (format) {
    case 'byte':
      return {
        celType: bytesType,
        maxElements: maxLength === undefined ? maxStringLength : Math.max(0, maxLength),
        minSize: 2,
      }
    case 'duration':
      return { celType: durationType, maxElements: 32, minSize: 3 }
    case 'date':
      return { celType: timestampType, maxElements: 12, minSize: 12 }
    case 'date-time':
      return { celType: timestampType, maxElements: 32, minSize: 21 }
    default: {
      // A character takes up to four bytes.
      let maxElements = maxLength === undefined ? maxStringLength : Math.max(0, maxLength) * 4
      if (maxLength === undefined && allowed && allowed.length > 0) maxElements = longestOf(allowed)
      return { celType: stringType, maxElements, minSize: 2 }
    }
  }
}

function longestOf(values: readonly unknown[]): number {
  const encoder = new TextEncoder()
  return values.reduce<number>(
    (longest, value) =>
      typeof value === 'string' ? Math.max(longest, encoder.encode(value).length) : longest,
    0,
  )
}

/** The schema of a resource with the fields that rules may always use. */
export function withObjectMeta(schema: StructuralSchema): StructuralSchema {
  const { properties, metadata } = schemaParts(schema)
  const capped = (name: string, max: number): unknown => {
    const own = metadata[name]
    const ownMax = typeof own === 'object' && own !== null && 'maxLength' in own ? Number(own.maxLength) : max
    return { ...stringProperty, maxLength: Math.min(max, ownMax) }
  }
  const meta = {
    type: 'object',
    // A generated name gets at least one more character.
    properties: {
      name: capped('name', maxNameLength),
      generateName: capped('generateName', maxNameLength - 1),
    },
  }
  return new StructuralSchema({
    ...schema.source,
    type: 'object',
    properties: { ...properties, kind: stringProperty, apiVersion: stringProperty, metadata: meta },
  } as StructuralSchema['source'])
}

function schemaParts(schema: StructuralSchema): {
  readonly properties: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
} {
  const properties = Object.fromEntries([...schema.properties].map(([name, it]) => [name, it.source]))
  const metadata = schema.properties.get('metadata')
  return {
    properties,
    metadata: Object.fromEntries([...(metadata?.properties ?? [])].map(([name, it]) => [name, it.source])),
  }
}

/** The fields of all objects in a declared type, for the checker. */
export function declaredFields(root: DeclType): TypeProvider {
  const types = new Map<string, DeclType>()
  collect(root, types)
  return {
    hasType: (name) => types.has(name),
    fieldType: (name, field) => {
      const fields = types.get(name)?.fields
      const declared =
        fields?.get(field) ?? (reservedWords.has(field) ? fields?.get(`__${field}__`) : undefined)
      return declared?.celType
    },
  }
}

function collect(type: DeclType, types: Map<string, DeclType>): void {
  if (type.fields) {
    types.set(type.celType.name, type)
    for (const field of type.fields.values()) collect(field, types)
  }
  if (type.element) collect(type.element, types)
}
