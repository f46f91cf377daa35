import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError as SchemaError, validateCrd, validateCrdChange } from '@sluice/schema'
import type { FieldError } from '../status/field-error.ts'

/** What is wrong with the definition of a custom resource. */
export function validateDefinition(object: KubeObject): FieldError[] {
  return validateCrd(plain(object)).map(toFieldError)
}

/** What may not change about the definition of a custom resource. */
export function validateDefinitionUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return validateCrdChange(plain(next), plain(old)).map(toFieldError)
}

function toFieldError({ type, field, text }: SchemaError): FieldError {
  return { reason: type, field, message: text.slice(field.length + 2) }
}

function plain(object: KubeObject): JsonObject {
  return object as unknown as JsonObject
}
