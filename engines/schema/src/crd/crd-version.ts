import type { JsonObject, JsonValue } from '@sluice/ports'
import {
  childPath,
  duplicate,
  type FieldError,
  indexPath,
  invalid,
  required,
  tooMany,
} from '../errors/field-error.ts'
import { resolveFieldPath } from '../rules/field-path.ts'
import { structuralSchema } from '../structural/structural-schema.ts'
import { schemaAt, schemasAt, textAt } from './keywords.ts'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const maxSelectableFields = 8
const selectableTypes = ['string', 'boolean', 'integer']

/** Checks the columns that a version adds to tables. */
export function checkColumns(errors: FieldError[], version: JsonObject, path: string): void {
  for (const [index, column] of schemasAt(version, 'additionalPrinterColumns').entries()) {
    const at = indexPath(childPath(path, 'additionalPrinterColumns'), index)
    const type = textAt(column, 'type')
    const format = textAt(column, 'format')
    const types = `must be one of ${columnTypes.join(',')}`
    if (textAt(column, 'name') === '') errors.push(required(childPath(at, 'name'), ''))
    if (type === '') errors.push(required(childPath(at, 'type'), types))
    else if (!columnTypes.includes(type)) errors.push(invalid(childPath(at, 'type'), type, types))
    if (format !== '' && !columnFormats.includes(format)) {
      errors.push(invalid(childPath(at, 'format'), format, `must be one of ${columnFormats.join(',')}`))
    }
    checkSimplePath(errors, textAt(column, 'jsonPath'), childPath(at, 'JSONPath'))
  }
}

function checkSimplePath(errors: FieldError[], path: string, at: string): void {
  if (path === '') errors.push(required(at, ''))
  else if (!path.startsWith('.')) errors.push(invalid(at, path, 'must be a simple json path starting with .'))
}

/** Checks the paths of the scale subresource. */
export function checkSubresources(errors: FieldError[], version: JsonObject, path: string): void {
  const scale = schemaAt(schemaAt(version, 'subresources') ?? {}, 'scale')
  if (!scale) return
  const at = childPath(path, 'subresources.scale')
  for (const root of ['spec', 'status']) {
    const name = `${root}ReplicasPath`
    const value = textAt(scale, name)
    const count = errors.length
    checkSimplePath(errors, value, childPath(at, name))
    if (errors.length === count && !value.startsWith(`.${root}.`)) {
      errors.push(invalid(childPath(at, name), value, `should be a json path under .${root}`))
    }
  }
  const selector = textAt(scale, 'labelSelectorPath')
  const selectorPath = childPath(at, 'labelSelectorPath')
  if (selector === '') return
  if (!selector.startsWith('.')) checkSimplePath(errors, selector, selectorPath)
  else if (!selector.startsWith('.spec.') && !selector.startsWith('.status.')) {
    const detail = 'should be a json path under either .spec or .status'
    errors.push(invalid(selectorPath, selector, detail))
  }
}

/** Checks the fields that selectors may use. */
export function checkSelectableFields(errors: FieldError[], version: JsonObject, path: string): void {
  const fields = schemasAt(version, 'selectableFields')
  const source = schemaAt(schemaAt(version, 'schema') ?? {}, 'openAPIV3Schema')
  if (fields.length === 0 || !source) return
  const schema = structuralSchema(source)
  const seen = new Set<string>()
  const at = childPath(path, 'selectableFields')
  for (const [index, field] of fields.entries()) {
    const text = textAt(field, 'jsonPath')
    const fieldPath = childPath(indexPath(at, index), 'jsonPath')
    if (text === '') {
      errors.push(required(fieldPath, ''))
      continue
    }
    const found = resolveFieldPath(text, schema, { allowArrayNotation: false })
    if ('failure' in found) {
      errors.push(invalid(fieldPath, text, `is an invalid path: ${found.failure}`))
      continue
    }
    if (/^metadata(?:[.[]|$)/.test(found.path)) {
      errors.push(invalid(fieldPath, text, 'must not point to fields in metadata'))
    }
    if (!selectableTypes.includes(found.schema.type)) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(invalid(fieldPath, text, detail))
    }
    if (seen.has(found.path)) errors.push(duplicate(fieldPath, text))
    seen.add(found.path)
  }
  if (seen.size > maxSelectableFields) errors.push(tooMany(at, seen.size, maxSelectableFields))
}

/** Checks what clients of a deprecated version are told. */
export function checkDeprecation(errors: FieldError[], version: JsonObject, path: string): void {
  const warning: JsonValue | undefined = version['deprecationWarning']
  if (typeof warning !== 'string') return
  for (const problem of deprecationProblems(warning, version['deprecated'] === true)) {
    errors.push(invalid(childPath(path, 'deprecationWarning'), warning, problem))
  }
}

function deprecationProblems(warning: string, isDeprecated: boolean): readonly string[] {
  if (!isDeprecated) return ['can only be set for deprecated versions']
  const problems: string[] = []
  const bytes = new TextEncoder()
  if (bytes.encode(warning).length > 256) problems.push('must be <= 256 characters long')
  if (warning === '') problems.push('must not be an empty string')
  const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.exec(warning)
  if (unprintable) {
    const index = bytes.encode(warning.slice(0, unprintable.index)).length
    problems.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${index}`,
    )
  }
  return problems
}
