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
import { escapeName, reservedWords, unescapeName } from './escape.ts'

/** A schema as CEL sees it: types, and bounds for estimates of costs. */
export type DeclType = {
  /** The CEL type; for objects it carries the name under which their fields are declared. */
  readonly celType: CelType
  /** Finds fields by their escaped names; set for objects. They are declared when they are first asked for. */
  readonly fields?: { readonly get: (escaped: string) => DeclType | undefined }
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
  return new ObjectType(schema, typeName)
}

/** An object. Of large schemas expressions see little, so that nothing is declared before it is needed. */
class ObjectType implements DeclType {
  readonly celType: CelType
  readonly maxElements = 0
  readonly #schema: StructuralSchema
  readonly #fields = new Map<string, DeclType | undefined>()
  #minSize: number | undefined

  constructor(schema: StructuralSchema, typeName: string) {
    this.celType = objectType(typeName)
    this.#schema = schema
  }

  get fields(): { readonly get: (escaped: string) => DeclType | undefined } {
    return { get: (escaped) => this.#field(escaped) }
  }

  get minSize(): number {
    this.#minSize ??= this.#sumRequired()
    return this.#minSize
  }

  #field(escaped: string): DeclType | undefined {
    const name = unescapeName(escaped)
    return name !== undefined && escapeName(name) === escaped ? this.#declare(name) : undefined
  }

  #declare(name: string): DeclType | undefined {
    if (this.#fields.has(name)) return this.#fields.get(name)
    const property = this.#schema.properties.get(name)
    const typeName = `${this.celType.name}.${escapeName(name) ?? name}`
    const declared = property && declareType(property, property.embeddedResource, typeName)
    this.#fields.set(name, declared)
    return declared
  }

  #sumRequired(): number {
    let size = 2
    for (const name of new Set(this.#schema.rules.required)) {
      if (this.#schema.properties.get(name)?.default !== undefined) continue
      const field = this.#declare(name)
      if (field) size += new TextEncoder().encode(name).length + field.minSize + 4
    }
    return size
  }
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

const resourceSchemas = new WeakMap<StructuralSchema, StructuralSchema>()

/** The schema of a resource with the fields that rules may always use. */
export function withObjectMeta(schema: StructuralSchema): StructuralSchema {
  const known = resourceSchemas.get(schema)
  if (known) return known
  const extended = extendWithObjectMeta(schema)
  resourceSchemas.set(schema, extended)
  return extended
}

function extendWithObjectMeta(schema: StructuralSchema): StructuralSchema {
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

/** The fields of all objects in a declared type, for the checker. Types are known from when a field has led to them. */
export function declaredFields(root: DeclType): TypeProvider {
  const types = new Map<string, DeclType>()
  const register = (type: DeclType): void => {
    if (type.fields) types.set(type.celType.name, type)
    if (type.element) register(type.element)
  }
  register(root)
  return {
    hasType: (name) => types.has(name),
    fieldType: (name, field) => {
      const fields = types.get(name)?.fields
      const declared =
        fields?.get(field) ?? (reservedWords.has(field) ? fields?.get(`__${field}__`) : undefined)
      if (declared) register(declared)
      return declared?.celType
    },
  }
}
