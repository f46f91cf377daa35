import type { JsonObject } from '@sluice/ports'
import {
  childPath,
  type FieldError,
  forbidden,
  indexPath,
  invalid,
  keyPath,
  notSupported,
} from '../errors/field-error.ts'
import { checkDefaults } from './default-values.ts'
import { isSet, namedSchemasAt, schemaAt, schemasAt, textAt } from './keywords.ts'
import { checkListTypes } from './list-types.ts'
import { checkExpressions, checkRuleFields } from './rule-checks.ts'
import {
  type Cardinality,
  cardinalityWithin,
  describeExcess,
  TotalCost,
  totalCostLimit,
} from './rule-costs.ts'
import { checkStructural } from './structural-rules.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const metadataFields = new Set(['metadata', 'kind', 'apiVersion'])

/** Keywords of OpenAPI or JSON Schema that schemas of CRDs may not use. */
const unsupported: readonly (readonly [string, string])[] = [
  ['id', 'id is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
]

/**
 * Checks the `openAPIV3Schema` of a version of a CRD, its rules and their estimated costs among the rest.
 *
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 * @param path where the schema stands in the CRD, such as `spec.versions[0].schema.openAPIV3Schema`; where all
 * versions have one schema the API server says `spec.validation.openAPIV3Schema`
 * @returns errors in Kubernetes' words
 */
export function validateCrdSchema(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (schema['nullable'] === true) {
    errors.push(forbidden(childPath(path, 'nullable'), 'nullable cannot be true at the root'))
  }
  const total = new TotalCost()
  const structural = isConvertible(schema) ? checkStructural(schema, path) : []
  const defaults = structural.length === 0 && isConvertible(schema) ? checkDefaults(schema, path) : []
  errors.push(...structural, ...defaults)
  const compiles = isConvertible(schema) && structural.length + defaults.length === 0
  const found = checkSchema(schema, path, {
    isRoot: true,
    isInMetadata: false,
    noDefaults: undefined,
    uncorrelated: undefined,
    compiles,
    cardinality: 1n,
    total,
  })
  errors.push(...found.schema, ...found.expressions)
  if (total.total > totalCostLimit) {
    for (const { path: rule } of total.mostExpensive) {
      const detail =
        'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
      errors.push(forbidden(rule, detail))
    }
    const subject = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    errors.push(forbidden(path, describeExcess(subject, total.total, totalCostLimit)))
  }
  return errors
}

/** Errors of schemas, and of expressions, which are compiled only where the schemas below are right. */
type Found = { readonly schema: FieldError[]; readonly expressions: FieldError[] }

type Context = {
  readonly isRoot: boolean
  readonly isInMetadata: boolean
  /** Why defaults are not allowed here. */
  readonly noDefaults: string | undefined
  readonly uncorrelated: string | undefined
  /** Whether rules are compiled: not within junctors, nor where the schema is not structural. */
  readonly compiles: boolean
  readonly cardinality: Cardinality
  readonly total: TotalCost
}

function checkSchema(schema: JsonObject, path: string, context: Context): Found {
  const found: Found = { schema: [], expressions: [] }
  checkKeywords(found.schema, schema, path, context)
  const add = ({ schema: inner, expressions }: Found): void => {
    found.schema.push(...inner)
    found.expressions.push(...expressions)
  }
  const below = { ...context, isRoot: false, cardinality: cardinalityWithin(context.cardinality, schema) }
  checkFields(schema, path, { ...below, isRoot: context.isRoot }, add)
  for (const [nested, at] of junctorsOf(schema, path)) {
    add(checkSchema(nested, at, { ...context, isRoot: false, compiles: false }))
  }
  const items = schemaAt(schema, 'items')
  if (items) {
    const uncorrelated =
      schema['x-kubernetes-list-type'] === 'map' ? context.uncorrelated : (context.uncorrelated ?? path)
    add(checkSchema(items, childPath(path, 'items'), { ...below, uncorrelated }))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = childPath(path, 'x-kubernetes-preserve-unknown-fields')
    found.schema.push(invalid(at, false, 'must be true or undefined'))
  }
  checkListTypes(found.schema, schema, path)
  checkRuleFields(found.schema, schema, path)
  if (context.compiles && found.schema.length === 0 && isSet(schema['x-kubernetes-validations'])) {
    const isResource = context.isRoot || schema['x-kubernetes-embedded-resource'] === true
    checkExpressions(found.expressions, schema, path, { ...context, isResource })
  }
  return found
}

function checkKeywords(errors: FieldError[], schema: JsonObject, path: string, context: Context): void {
  const type = textAt(schema, 'type')
  if (type !== '' && !types.includes(type)) {
    errors.push(notSupported(childPath(path, 'type'), type, types))
  }
  if ((schema['default'] ?? undefined) !== undefined && context.noDefaults !== undefined) {
    errors.push(forbidden(childPath(path, 'default'), `must not be set ${context.noDefaults}`))
  }
  for (const [keyword, detail] of unsupported) {
    if (isSet(schema[keyword])) errors.push(forbidden(childPath(path, keyword), detail))
  }
  if (type === 'null') {
    const detail = 'type cannot be set to null, use nullable as an alternative'
    errors.push(forbidden(childPath(path, 'type'), detail))
  }
  if (Array.isArray(schema['items'])) {
    errors.push(forbidden(childPath(path, 'items'), 'items must be a schema object and not an array'))
  }
  if (context.isInMetadata && schema['x-kubernetes-embedded-resource'] === true) {
    const at = childPath(path, 'x-kubernetes-embedded-resource')
    errors.push(forbidden(at, 'must not be used inside of resource meta'))
  }
  if (schema['uniqueItems'] === true) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(forbidden(childPath(path, 'uniqueItems'), detail))
  }
  const { additionalProperties = null } = schema
  if (additionalProperties !== null && additionalProperties !== true && isSet(schema['properties'])) {
    const detail = 'additionalProperties and properties are mutual exclusive'
    errors.push(forbidden(childPath(path, 'additionalProperties'), detail))
  }
}

/** Checks the fields of objects and the values of maps. */
function checkFields(schema: JsonObject, path: string, context: Context, add: (found: Found) => void): void {
  const { isRoot } = context
  const below = { ...context, isRoot: false }
  const values = schemaAt(schema, 'additionalProperties')
  if (values) {
    const reason = 'inside additionalProperties applying to object metadata'
    const noDefaults = context.isInMetadata ? reason : context.noDefaults
    add(checkSchema(values, childPath(path, 'additionalProperties'), { ...below, noDefaults }))
  }
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic'
  const uncorrelated = isAtomic ? (context.uncorrelated ?? path) : context.uncorrelated
  for (const [name, property] of namedSchemasAt(schema, 'properties')) {
    const isHeader = metadataFields.has(name) && (isRoot || schema['x-kubernetes-embedded-resource'] === true)
    const inner = {
      ...below,
      uncorrelated,
      isInMetadata: context.isInMetadata || isHeader,
      noDefaults: isHeader && isRoot ? `in top-level ${name}` : context.noDefaults,
    }
    add(checkSchema(property, keyPath(childPath(path, 'properties'), name), inner))
  }
}

function junctorsOf(schema: JsonObject, path: string): (readonly [JsonObject, string])[] {
  const out: (readonly [JsonObject, string])[] = []
  const not = schemaAt(schema, 'not')
  if (not) out.push([not, childPath(path, 'not')])
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, nested] of schemasAt(schema, keyword).entries()) {
      out.push([nested, indexPath(childPath(path, keyword), index)])
    }
  }
  for (const keyword of ['definitions', 'dependencies']) {
    for (const [name, nested] of namedSchemasAt(schema, keyword)) {
      out.push([nested, keyPath(childPath(path, keyword), name)])
    }
  }
  return out
}

/** Whether a schema has nothing that a structural schema cannot say. */
function isConvertible(schema: JsonObject): boolean {
  if (unsupported.some(([keyword]) => isSet(schema[keyword]))) return false
  if (schema['type'] === 'null' || Array.isArray(schema['items'])) return false
  const items = schemaAt(schema, 'items')
  const values = schemaAt(schema, 'additionalProperties')
  const children = [
    ...namedSchemasAt(schema, 'properties').map(([, property]) => property),
    ...junctorsOf(schema, '').map(([nested]) => nested),
    ...(items ? [items] : []),
    ...(values ? [values] : []),
  ]
  return children.every(isConvertible)
}
