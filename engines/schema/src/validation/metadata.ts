import { checkLabelValue, checkQualifiedName } from '@sluice/cel'
import { childPath, type FieldError, invalid } from '../errors/field-error.ts'
import { isObject } from '../structural/structural-schema.ts'

const texts = ['name', 'generateName', 'namespace', 'resourceVersion', 'uid'] as const

/** Checks the metadata of a resource within another: types, names, labels and annotations. */
export function checkMetadata(metadata: unknown, path: string): FieldError[] {
  if (!isObject(metadata)) {
    return [invalid(path, metadata, 'metadata must be an object')]
  }
  const errors: FieldError[] = []
  for (const name of texts) {
    const value: unknown = metadata[name]
    if (value !== undefined && value !== null && typeof value !== 'string') {
      errors.push(invalid(childPath(path, name), value, 'must be a string'))
    }
  }
  for (const name of ['name', 'generateName']) {
    const problem = segmentProblem(metadata[name], name === 'generateName')
    if (problem !== undefined) errors.push(invalid(childPath(path, name), metadata[name], problem))
  }
  errors.push(...checkLabels(metadata['labels'], childPath(path, 'labels')))
  errors.push(...checkAnnotations(metadata['annotations'], childPath(path, 'annotations')))
  return errors
}

/** Names end up in paths of URLs. */
function segmentProblem(name: unknown, isPrefix: boolean): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  if (!isPrefix && (name === '.' || name === '..')) return `may not be '${name}'`
  const illegal = ['/', '%'].find((it) => name.includes(it))
  return illegal === undefined ? undefined : `may not contain '${illegal}'`
}

function checkLabels(labels: unknown, path: string): FieldError[] {
  return entries(labels).flatMap(([key, value]) => {
    const problems = checkQualifiedName(key).map((problem) => invalid(path, key, problem))
    const values = typeof value === 'string' ? checkLabelValue(value) : ['must be a string']
    return [...problems, ...values.map((problem) => invalid(path, value, problem))]
  })
}

function checkAnnotations(annotations: unknown, path: string): FieldError[] {
  return entries(annotations).flatMap(([key, value]) => {
    const problems = checkQualifiedName(key.toLowerCase()).map((problem) => invalid(path, key, problem))
    return typeof value === 'string' ? problems : [...problems, invalid(path, value, 'must be a string')]
  })
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : []
}
