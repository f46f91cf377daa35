import type { KubeObject } from '@sluice/ports'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { numberOf, objectOf } from '../json-fields.ts'

/** Whether a status counts its replicas as they can be: no part of them is more than all. */
export function validateCounts(object: KubeObject, parts: readonly string[]): FieldError[] {
  const status = objectOf(object['status'])
  const count = (name: string): number => numberOf(status[name]) ?? 0
  const names = ['observedGeneration', 'replicas', ...parts, 'unavailableReplicas', 'terminatingReplicas']
  const tooMany = (name: string, whole: string, shown: string): FieldError[] =>
    count(name) > count(whole)
      ? [invalidValue(`status.${name}`, count(name), `cannot be greater than ${shown}`)]
      : []
  return [
    ...names.flatMap((name) =>
      count(name) < 0
        ? [invalidValue(`status.${name}`, count(name), 'must be greater than or equal to 0')]
        : [],
    ),
    ...parts.flatMap((name) => tooMany(name, 'replicas', 'status.replicas')),
    ...tooMany('availableReplicas', 'readyReplicas', 'readyReplicas'),
  ]
}
