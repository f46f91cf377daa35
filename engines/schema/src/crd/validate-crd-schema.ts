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
  const isStructural = isConvertible(schema)
  const structural = isStructural ? checkStructural(schema, path) : []
  const defaults = isStructural && structural.length === 0 ? checkDefaults(schema, path) : []
  errors.push(...structural, ...defaults)
  const run: Run = { schema: [], expressions: [], total }
  checkSchema(run, schema, path, {
    isRoot: true,
    isInMetadata: false,
    noDefaults: undefined,
    uncorrelated: undefined,
    compiles: isStructural && structural.length + defaults.length === 0,
    cardinality: 1n,
  })
  errors.push(...run.schema, ...run.expressions)
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
type Run = {
  readonly schema: FieldError[]
  readonly expressions: FieldError[]
  readonly total: TotalCost
}

type Context = {
  readonly isRoot: boolean
  readonly isInMetadata: boolean
  /** Why defaults are not allowed here. */
  readonly noDefaults: string | undefined
  readonly uncorrelated: string | undefined
  /** Whether rules are compiled: not within junctors, nor where the schema is not structural. */
  readonly compiles: boolean
  readonly cardinality: Cardinality
}

function checkSchema(run: Run, schema: JsonObject, path: string, context: Context): void {
  const count = run.schema.length
  checkKeywords(run.schema, schema, path, context)
  checkFields(run, schema, path, context)
  for (const [nested, at] of junctorsOf(schema, path)) {
    checkSchema(run, nested, at, { ...context, isRoot: false, compiles: false })
  }
  const items = schemaAt(schema, 'items')
  if (items) {
    const isKeyed = schema['x-kubernetes-list-type'] === 'map'
    const uncorrelated = isKeyed ? context.uncorrelated : (context.uncorrelated ?? path)
    const cardinality = cardinalityWithin(context.cardinality, schema)
    const inner = { ...context, isRoot: false, cardinality, uncorrelated }
    checkSchema(run, items, childPath(path, 'items'), inner)
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = childPath(path, 'x-kubernetes-preserve-unknown-fields')
    run.schema.push(invalid(at, false, 'must be true or undefined'))
  }
  checkListTypes(run.schema, schema, path)
  if (!isSet(schema['x-kubernetes-validations'])) return
  checkRuleFields(run.schema, schema, path)
  if (context.compiles && run.schema.length === count) {
    const isResource = context.isRoot || schema['x-kubernetes-embedded-resource'] === true
    checkExpressions(run.expressions, schema, path, { ...context, total: run.total, isResource })
  }
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
function checkFields(run: Run, schema: JsonObject, path: string, context: Context): void {
  const { isRoot } = context
  const values = schemaAt(schema, 'additionalProperties')
  const properties = namedSchemasAt(schema, 'properties')
  if (!values && properties.length === 0) return
  const cardinality = cardinalityWithin(context.cardinality, schema)
  const below = { ...context, isRoot: false, cardinality }
  if (values) {
    const reason = 'inside additionalProperties applying to object metadata'
    const noDefaults = context.isInMetadata ? reason : context.noDefaults
    checkSchema(run, values, childPath(path, 'additionalProperties'), { ...below, noDefaults })
  }
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic'
  const inner = { ...below, uncorrelated: isAtomic ? (context.uncorrelated ?? path) : context.uncorrelated }
  const isResource = isRoot || schema['x-kubernetes-embedded-resource'] === true
  const propertiesPath = childPath(path, 'properties')
  for (const [name, property] of properties) {
    const at = keyPath(propertiesPath, name)
    if (isResource && metadataFields.has(name)) {
      const noDefaults = isRoot ? `in top-level ${name}` : context.noDefaults
      checkSchema(run, property, at, { ...inner, isInMetadata: true, noDefaults })
    } else checkSchema(run, property, at, inner)
  }
}

type Place = readonly [JsonObject, string]

const noPlaces: readonly Place[] = []
const junctors = ['not', 'allOf', 'oneOf', 'anyOf', 'definitions', 'dependencies']

function junctorsOf(schema: JsonObject, path: string): readonly Place[] {
  if (junctors.every((keyword) => schema[keyword] === undefined)) return noPlaces
  const out: Place[] = []
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
  return (
    (!items || isConvertible(items)) &&
    (!values || isConvertible(values)) &&
    namedSchemasAt(schema, 'properties').every(([, property]) => isConvertible(property)) &&
    junctorsOf(schema, '').every(([nested]) => isConvertible(nested))
  )
}
