import type { JsonObject } from '@sluice/ports'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { objectOf, textOf } from '../json-fields.ts'

const fieldPaths =
  /^(metadata\.(name|namespace|uid)|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)|metadata\.(labels|annotations)\['[^']+'\])$/
const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']
const printable = /^[ -<>-~]+$/

/** A variable of a container's environment: a value, or one source of it. */
export function validateEnv(variable: JsonObject, field: string): FieldError[] {
  const errors = nameProblems(textOf(variable.name), `${field}.name`)
  if (variable.valueFrom === undefined) return errors
  const at = `${field}.valueFrom`
  const from = objectOf(variable.valueFrom)
  const given = sources.filter((it) => from[it] !== undefined)
  const { fieldRef } = from
  if (fieldRef !== undefined) {
    const path = textOf(objectOf(fieldRef).fieldPath)
    if (path === '') errors.push(required(`${at}.fieldRef.fieldPath`))
    else if (!fieldPaths.test(path)) {
      errors.push(
        invalidValue(
          `${at}.fieldRef.fieldPath`,
          path,
          `error converting fieldPath: field label not supported: ${path}`,
        ),
      )
    }
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    if (from[name] !== undefined && textOf(objectOf(from[name]).key) === '') {
      errors.push(required(`${at}.${name}.key`))
    }
  }
  if (given.length === 0) {
    const list =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidValue(at, '', list))
  } else if (textOf(variable.value) !== '') {
    errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'))
  } else if (given.length > 1) {
    errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

function nameProblems(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)]
  if (printable.test(name)) return []
  const form =
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
  return [invalidValue(field, name, form)]
}

/** All variables of a ConfigMap or Secret at once. */
export function validateEnvFrom(source: JsonObject, field: string): FieldError[] {
  const given = ['configMapRef', 'secretRef'].filter((it) => source[it] !== undefined)
  const missing = given.filter((it) => textOf(objectOf(source[it]).name) === '')
  return [
    ...missing.map((it) => required(`${field}.${it}.name`)),
    ...(given.length === 0
      ? [invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`')]
      : []),
    ...(given.length > 1
      ? [invalidValue(field, '', 'may not have more than one field specified at a time')]
      : []),
  ]
}
