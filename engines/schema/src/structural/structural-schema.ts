import type { JsonObject, JsonValue } from '@sluice/ports'
import { containsKeyword } from './contains-keyword.ts'
import { type ValueRules, valueRules } from './value-rules.ts'

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | ''
export type ListType = 'atomic' | 'set' | 'map' | ''
export type MapType = 'atomic' | 'granular' | ''

/** An entry of `x-kubernetes-validations`. */
export type ValidationRule = {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

/** Finds the schema that a `$ref` names. */
export type ResolveReference = (reference: string) => StructuralSchema | undefined

const noKeys: readonly string[] = []

/**
 * One level of a structural schema: the keywords of OpenAPI v3 and the `x-kubernetes-*` extensions.
 *
 * Children are read when they are first asked for, so that a large schema costs only what is used of it and
 * built-in types may refer to themselves.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export class StructuralSchema {
  /** The keywords as they were written. */
  readonly source: JsonObject
  readonly type: SchemaType
  readonly nullable: boolean
  /** `undefined` where there is no default; a default may be null. */
  readonly default: JsonValue | undefined
  readonly intOrString: boolean
  readonly embeddedResource: boolean
  readonly preserveUnknownFields: boolean
  readonly listType: ListType
  readonly listMapKeys: readonly string[]
  readonly mapType: MapType
  /** Key of strategic merge for lists; empty where lists are replaced. */
  readonly patchMergeKey: string
  readonly patchStrategies: readonly string[]
  /** Name of the built-in definition that this schema is or refers to; empty for schemas of CRDs. */
  readonly definition: string

  readonly #resolve: ResolveReference | undefined
  #properties: ReadonlyMap<string, StructuralSchema> | undefined
  #items: StructuralSchema | null | undefined
  #additional: StructuralSchema | boolean | undefined
  #rules: ValueRules | undefined
  #hasDefaults: boolean | undefined
  #hasRules: boolean | undefined

  constructor(
    source: JsonObject,
    {
      resolve,
      definition = '',
    }: { readonly resolve?: ResolveReference | undefined; readonly definition?: string } = {},
  ) {
    this.source = source
    this.#resolve = resolve
    this.definition = definition
    this.type = (source.type ?? '') as SchemaType
    this.nullable = source.nullable === true
    this.default = source.default
    this.intOrString = source['x-kubernetes-int-or-string'] === true || source.format === 'int-or-string'
    this.embeddedResource = source['x-kubernetes-embedded-resource'] === true
    this.preserveUnknownFields = source['x-kubernetes-preserve-unknown-fields'] === true
    this.listType = (source['x-kubernetes-list-type'] ?? '') as ListType
    this.listMapKeys = strings(source['x-kubernetes-list-map-keys'])
    this.mapType = (source['x-kubernetes-map-type'] ?? '') as MapType
    this.patchMergeKey = text(source['x-kubernetes-patch-merge-key'])
    const strategy = text(source['x-kubernetes-patch-strategy'])
    this.patchStrategies = strategy === '' ? noKeys : strategy.split(',')
  }

  get properties(): ReadonlyMap<string, StructuralSchema> {
    this.#properties ??= this.#readProperties()
    return this.#properties
  }

  /** Schema of a list's items. */
  get items(): StructuralSchema | undefined {
    if (this.#items === undefined) {
      const { items } = this.source
      this.#items = isObject(items) ? this.#child(items) : null
    }
    return this.#items ?? undefined
  }

  /** Schema of a map's values, or whether values of any kind are allowed. */
  get additionalProperties(): StructuralSchema | boolean {
    if (this.#additional === undefined) {
      const { additionalProperties } = this.source
      this.#additional = isObject(additionalProperties)
        ? this.#child(additionalProperties)
        : additionalProperties === true
    }
    return this.#additional
  }

  /** Schema of a map's values where it is known. */
  get values(): StructuralSchema | undefined {
    const additional = this.additionalProperties
    return typeof additional === 'boolean' ? undefined : additional
  }

  /** Keywords that restrict values: bounds, enums, patterns and the logical junctors. */
  get rules(): ValueRules {
    this.#rules ??= valueRules(this.source, (source) => this.#child(source))
    return this.#rules
  }

  get validations(): readonly ValidationRule[] {
    const rules = this.source['x-kubernetes-validations']
    return Array.isArray(rules) ? (rules as readonly ValidationRule[]) : []
  }

  /** Whether this schema or one below it sets a default. A schema that contains itself counts as it is so far. */
  get hasDefaults(): boolean {
    this.#hasDefaults ??= this.#resolve
      ? this.default !== undefined || this.#hasDefaultsBelow()
      : containsKeyword(this.source, 'default')
    return this.#hasDefaults
  }

  /** Whether this schema or one below it has rules in CEL; built-in types have none. */
  get hasRules(): boolean {
    this.#hasRules ??= !this.#resolve && containsKeyword(this.source, 'x-kubernetes-validations')
    return this.#hasRules
  }

  /** The schema of a field or of a map's value. */
  field(name: string): StructuralSchema | undefined {
    return this.properties.get(name) ?? this.values
  }

  #hasDefaultsBelow(): boolean {
    // Until it is known, a schema that contains itself has none.
    this.#hasDefaults = false
    return [...this.properties.values(), this.items, this.values].some((child) => child?.hasDefaults)
  }

  #readProperties(): ReadonlyMap<string, StructuralSchema> {
    const { properties } = this.source
    const out = new Map<string, StructuralSchema>()
    if (!isObject(properties)) return out
    for (const name of Object.keys(properties)) {
      const source = properties[name]
      if (isObject(source)) out.set(name, this.#child(source))
    }
    return out
  }

  #child(source: JsonObject): StructuralSchema {
    if (!this.#resolve) return new StructuralSchema(source)
    const { $ref, ...beside } = source
    const target = typeof $ref === 'string' ? this.#resolve($ref) : undefined
    if (!target) return new StructuralSchema(source, { resolve: this.#resolve })
    if (Object.keys(beside).length === 0) return target
    return new StructuralSchema(
      { ...target.source, ...beside },
      { resolve: this.#resolve, definition: target.definition },
    )
  }
}

/** Reads an `openAPIV3Schema` of a CRD. */
export function structuralSchema(openAPIV3Schema: JsonObject): StructuralSchema {
  return new StructuralSchema(openAPIV3Schema)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function strings(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : noKeys
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
