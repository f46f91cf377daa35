import { parseRequestUrl } from '@sluice/cel'
import type { JsonObject } from '@sluice/ports'
import { childPath, type FieldError, indexPath, invalid, keyPath, required } from '../errors/field-error.ts'
import { sameData } from '../rules/typed-value.ts'
import { checkConversion, checkGroupAndScope, checkLabel, checkNames } from './crd-names.ts'
import { checkColumns, checkDeprecation, checkSelectableFields, checkSubresources } from './crd-version.ts'
import { isSet, schemaAt, schemasAt, textAt, textsAt } from './keywords.ts'
import { validateCrdSchema } from './validate-crd-schema.ts'

const approval = 'api-approved.kubernetes.io'
const enhancements = 'https://github.com/kubernetes/enhancements/pull/1111'

/** Keywords at the root of a schema that the status keeps when it is cut out as a schema of its own. */
const rootKeywords =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'
const allowedAtRoot: ReadonlySet<string> = new Set(
  rootKeywords
    .split(' ')
    .map((name) => name.charAt(0).toLowerCase() + name.slice(1))
    .concat('x-kubernetes-preserve-unknown-fields', 'x-kubernetes-validations'),
)

/**
 * Checks a CustomResourceDefinition of `apiextensions.k8s.io/v1` with all its versions.
 *
 * @param crd as it is to be stored; without a status, what was stored before is not looked at
 * @returns errors in Kubernetes' words
 */
export function validateCrd(crd: JsonObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = schemaAt(crd, 'spec') ?? {}
  const metadata = schemaAt(crd, 'metadata') ?? {}
  const name = `${textAt(schemaAt(spec, 'names') ?? {}, 'plural')}.${textAt(spec, 'group')}`
  if (textAt(metadata, 'name') !== name) {
    const detail = 'must be spec.names.plural+"."+spec.group'
    errors.push(invalid('metadata.name', textAt(metadata, 'name'), detail))
  }
  checkGroupAndScope(errors, spec)
  checkVersions(errors, spec)
  checkNames(errors, spec)
  checkShared(errors, spec)
  checkConversion(errors, schemaAt(spec, 'conversion'))
  const status = schemaAt(crd, 'status')
  if (status) checkStored(errors, spec, status)
  checkApproval(errors, spec, metadata)
  if (spec['preserveUnknownFields'] === true) {
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    errors.push(invalid('spec.preserveUnknownFields', true, detail))
  }
  return errors
}

/** What all versions have alike is told of at the spec, as if it stood there. */
function isShared(versions: readonly JsonObject[], keyword: string): boolean {
  const [first] = versions
  return first !== undefined && versions.every((it) => sameData(it[keyword], first[keyword]))
}

function checkVersions(errors: FieldError[], spec: JsonObject): void {
  const versions = schemasAt(spec, 'versions')
  for (const [index, version] of versions.entries()) {
    if (schemaOf(version)) continue
    const at = indexPath('spec.versions', index)
    errors.push(required(childPath(at, 'schema.openAPIV3Schema'), ''))
  }
  const schemaIsShared = isShared(versions, 'schema')
  for (const [index, version] of versions.entries()) {
    const at = indexPath('spec.versions', index)
    const name = textAt(version, 'name')
    if (name === '') errors.push(invalid(childPath(at, 'name'), '', 'must not be empty'))
    checkLabel(errors, name, childPath(at, 'name'))
    checkDeprecation(errors, version, at)
    if (!schemaIsShared) checkVersionSchema(errors, version, childPath(at, 'schema'))
    if (!isShared(versions, 'subresources')) checkSubresources(errors, version, at)
    if (!isShared(versions, 'additionalPrinterColumns')) checkColumns(errors, version, at)
    if (!isShared(versions, 'selectableFields')) checkSelectableFields(errors, version, at)
  }
  const names = versions.map((version) => textAt(version, 'name'))
  if (new Set(names).size < names.length) {
    errors.push(invalid('spec.versions', versions.map(asStruct), 'must contain unique version names'))
  }
  if (versions.filter((version) => version['storage'] === true).length !== 1) {
    const detail = 'must have exactly one version marked as storage version'
    errors.push(invalid('spec.versions', versions.map(asStruct), detail))
  }
}

/** A version as the API server prints it, where what it has in common with the others stands elsewhere. */
function asStruct(version: JsonObject): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['Name', textAt(version, 'name')],
    ['Served', version['served'] === true],
    ['Storage', version['storage'] === true],
    ['Deprecated', version['deprecated'] === true],
    ['DeprecationWarning', version['deprecationWarning'] ?? null],
    ['Schema', null],
    ['Subresources', null],
    ['AdditionalPrinterColumns', null],
    ['SelectableFields', null],
  ])
}

function checkShared(errors: FieldError[], spec: JsonObject): void {
  const versions = schemasAt(spec, 'versions')
  const [first] = versions
  if (!first) return
  if (isShared(versions, 'schema')) checkVersionSchema(errors, first, 'spec.validation')
  if (isShared(versions, 'subresources')) checkSubresources(errors, first, 'spec')
  if (isShared(versions, 'additionalPrinterColumns')) checkColumns(errors, first, 'spec')
  if (isShared(versions, 'selectableFields')) checkSelectableFields(errors, first, 'spec')
}

function schemaOf(version: JsonObject): JsonObject | undefined {
  return schemaAt(schemaAt(version, 'schema') ?? {}, 'openAPIV3Schema')
}

// Definitions are written again and again with new conditions but the very same schema.
const validSchemas = new WeakSet<JsonObject>()

function checkVersionSchema(errors: FieldError[], version: JsonObject, path: string): void {
  const schema = schemaOf(version)
  if (!schema) return
  const at = childPath(path, 'openAPIV3Schema')
  if (schemaAt(schemaAt(version, 'subresources') ?? {}, 'status')) checkRoot(errors, schema, at)
  if (validSchemas.has(schema)) return
  const found = validateCrdSchema(schema, at)
  if (found.length === 0) validSchemas.add(schema)
  errors.push(...found)
}

/** With a status subresource, the status has a schema of its own, which must lose nothing by it. */
function checkRoot(errors: FieldError[], schema: JsonObject, path: string): void {
  const type = textAt(schema, 'type')
  if (type !== '' && type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    errors.push(invalid(childPath(path, 'type'), type, detail))
    return
  }
  if (Object.keys(schema).every((keyword) => allowedAtRoot.has(keyword) || !isSet(schema[keyword]))) return
  const detail = `only [${rootKeywords}] fields are allowed at the root of the schema if the status subresource is enabled`
  errors.push(invalid(path, schema, detail))
}

/** Versions in which objects may be stored have to stay. */
function checkStored(errors: FieldError[], spec: JsonObject, status: JsonObject): void {
  const path = 'status.storedVersions'
  const stored = textsAt(status, 'storedVersions')
  if (stored.length === 0) {
    errors.push(invalid(path, null, 'must have at least one stored version'))
    return
  }
  const left = new Set(stored)
  for (const version of schemasAt(spec, 'versions')) {
    const name = textAt(version, 'name')
    if (version['storage'] === true && !left.has(name)) {
      errors.push(invalid(path, stored, `must have the storage version ${name}`))
    }
    left.delete(name)
  }
  for (const name of left) {
    errors.push(invalid(indexPath(path, stored.indexOf(name)), name, 'must appear in spec.versions'))
  }
}

/** What may not change about a CRD, beyond what {@link validateCrd} finds in the new one. */
export function validateCrdChange(crd: JsonObject, old: JsonObject): FieldError[] {
  const spec = schemaAt(crd, 'spec') ?? {}
  const before = schemaAt(old, 'spec') ?? {}
  const conditions = schemasAt(schemaAt(old, 'status') ?? {}, 'conditions')
  const isEstablished = conditions.some((it) => it['type'] === 'Established' && it['status'] === 'True')
  const paths = [...(isEstablished ? ['scope', 'names.kind'] : []), 'group', 'names.plural']
  return paths
    .filter((path) => valueAt(spec, path) !== valueAt(before, path))
    .map((path) => invalid(childPath('spec', path), valueAt(spec, path), 'field is immutable'))
}

function valueAt(spec: JsonObject, path: string): string {
  const name = path.replace('names.', '')
  return textAt(name === path ? spec : (schemaAt(spec, 'names') ?? {}), name)
}

/** Groups of the Kubernetes community ask for a review. */
function checkApproval(errors: FieldError[], spec: JsonObject, metadata: JsonObject): void {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(textAt(spec, 'group'))) return
  const value = textAt(schemaAt(metadata, 'annotations') ?? {}, approval)
  const at = keyPath('metadata.annotations', approval)
  const needed = `protected groups must have approval annotation ${JSON.stringify(approval)}`
  if (value === '') errors.push(required(at, `${needed}, see ${enhancements}`))
  else if (!value.startsWith('unapproved') && typeof parseRequestUrl(value) === 'string') {
    const detail = `${needed} with either a URL or a reason starting with "unapproved", see ${enhancements}`
    errors.push(invalid(at, value, detail))
  }
}
