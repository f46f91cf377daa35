import type { GoRegexp, GoValue } from '@sluice/go'
import type { InstanceType } from '../instance.ts'
import type { Decimal } from '../number/decimal.ts'
import type { DraftVersion } from './draft.ts'

export type SchemaType = InstanceType | 'integer'
/** What a format checks: why a value is not of it. */
export type FormatCheck = { readonly name: string; readonly problem: (text: string) => string | undefined }

/**
 * A schema with its keywords read and its references resolved, which may lead in circles. Written while compiling, only
 * read afterwards.
 */
export class CompiledSchema {
  /** URL and pointer, as messages have it. */
  readonly location: string
  draftVersion: DraftVersion = 2020
  /** The resource that this is part of, which has the anchors. */
  resource: CompiledSchema = this
  keywords: Keywords = {}
  readonly dynamicAnchors: Map<string, CompiledSchema> = new Map()

  constructor(location: string) {
    this.location = location
  }
}

/** Keywords that a schema has; those without effect are left out. */
export type Keywords = {
  /** A schema that is yes or no to everything. */
  always?: boolean
  types?: readonly SchemaType[]
  const?: GoValue
  enum?: readonly GoValue[]
  format?: FormatCheck
  ref?: CompiledSchema
  recursiveRef?: CompiledSchema
  recursiveAnchor?: boolean
  dynamicRef?: { readonly schema: CompiledSchema; readonly anchor: string }
  dynamicAnchor?: string
  not?: CompiledSchema
  allOf?: readonly CompiledSchema[]
  anyOf?: readonly CompiledSchema[]
  oneOf?: readonly CompiledSchema[]
  /** `if`, `then` and `else`. */
  condition?: {
    readonly test: CompiledSchema
    readonly whenValid: CompiledSchema | undefined
    readonly whenInvalid: CompiledSchema | undefined
  }
  object?: ObjectKeywords
  array?: ArrayKeywords
  text?: TextKeywords
  number?: NumberKeywords
}

export type ObjectKeywords = {
  minProperties?: number
  maxProperties?: number
  required?: readonly string[]
  properties?: ReadonlyMap<string, CompiledSchema>
  patternProperties?: readonly (readonly [GoRegexp, CompiledSchema])[]
  additionalProperties?: CompiledSchema | boolean
  propertyNames?: CompiledSchema
  dependencies?: ReadonlyMap<string, CompiledSchema | readonly string[]>
  dependentSchemas?: ReadonlyMap<string, CompiledSchema>
  dependentRequired?: ReadonlyMap<string, readonly string[]>
  unevaluatedProperties?: CompiledSchema
}

export type ArrayKeywords = {
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  /** Schemas of the first items, one each. */
  leading?: readonly CompiledSchema[]
  /** Of the items behind those. */
  rest?: CompiledSchema | boolean
  contains?: CompiledSchema
  minContains?: number
  maxContains?: number
  unevaluatedItems?: CompiledSchema
}

export type TextKeywords = {
  minLength?: number
  maxLength?: number
  pattern?: { readonly text: string; readonly regexp: GoRegexp }
}

export type NumberKeywords = {
  minimum?: Decimal
  maximum?: Decimal
  exclusiveMinimum?: Decimal
  exclusiveMaximum?: Decimal
  multipleOf?: Decimal
}
