import { checkDns1035Label } from '@sluice/cel'
import { childPath, type FieldError, indexPath, invalid, keyPath, required } from '../errors/field-error.ts'
import { isObject, type StructuralSchema } from '../structural/structural-schema.ts'
import { checkMetadata } from './metadata.ts'

/** Checks `apiVersion`, `kind` and `metadata` of resources within a value, and of the value itself if it is one. */
export function validateEmbedded(
  value: unknown,
  schema: StructuralSchema,
  { path = '', isResource = false }: { readonly path?: string; readonly isResource?: boolean } = {},
): FieldError[] {
  const errors: FieldError[] = []
  if (isResource && isObject(value) && !schema.embeddedResource) checkHeader(errors, value, path)
  checkEmbedded(errors, value, schema, path)
  return errors
}

function checkEmbedded(errors: FieldError[], value: unknown, schema: StructuralSchema, path: string): void {
  if (Array.isArray(value)) {
    const { items } = schema
    if (!items) return
    for (const [index, item] of value.entries()) checkEmbedded(errors, item, items, indexPath(path, index))
  } else if (isObject(value)) {
    if (schema.embeddedResource) checkHeader(errors, value, path)
    const { values, properties } = schema
    for (const name of Object.keys(value)) {
      const property = properties.get(name)
      if (property) checkEmbedded(errors, value[name], property, childPath(path, name))
      else if (values) checkEmbedded(errors, value[name], values, keyPath(path, name))
    }
  }
}

function checkHeader(errors: FieldError[], value: Readonly<Record<string, unknown>>, path: string): void {
  for (const name of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(value, name)) errors.push(required(childPath(path, name), ''))
    else {
      const problem = headerProblem(name, value[name])
      if (problem !== undefined) errors.push(invalid(childPath(path, name), value[name], problem))
    }
  }
  if (Object.hasOwn(value, 'metadata')) {
    errors.push(...checkMetadata(value['metadata'], childPath(path, 'metadata')))
  }
}

function headerProblem(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string'
  if (value === '') return 'must not be empty'
  if (name === 'apiVersion') {
    return value.split('/').length > 2 ? `unexpected GroupVersion string: ${value}` : undefined
  }
  const problems = checkDns1035Label(value.toLowerCase())
  return problems.length === 0
    ? undefined
    : `may have mixed case, but should otherwise match: ${problems.join(',')}`
}
