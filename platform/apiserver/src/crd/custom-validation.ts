import { Double } from '@sluice/cel'
import type { JsonValue, KubeObject } from '@sluice/ports'
import { validateResource } from '@sluice/schema'
import type { CustomResource } from '../registry/api-resource.ts'
import type { FieldError } from '../status/field-error.ts'
import { replaceNumbers, type WholeFloat } from '../verbs/whole-floats.ts'

/**
 * What is wrong with a custom resource by the schema of its definition.
 *
 * @param old the object before; absent when it is created. What was wrong already and has not changed may stay.
 * @param floats what rules see as fractions though it is whole, which is wrong where they expect integers
 */
export function validateCustom(
  object: KubeObject,
  {
    custom,
    old,
    warnings,
    floats,
  }: {
    readonly custom: CustomResource
    readonly old: KubeObject | undefined
    readonly warnings: string[]
    readonly floats: readonly WholeFloat[]
  },
): FieldError[] {
  const result = validateResource(plain(object), custom.schema, {
    ...(old ? { old: plain(old) } : {}),
    ...(floats.length > 0
      ? { seenByRules: replaceNumbers(object, floats, (number) => new Double(number)) }
      : {}),
  })
  warnings.push(...result.warnings)
  return result.errors.map(({ type, field, text }) => ({
    reason: type,
    field,
    message: text.slice(field.length + 2),
  }))
}

function plain(object: KubeObject): JsonValue {
  return object as unknown as JsonValue
}
