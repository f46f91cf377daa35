import { ToolkitError } from '@sluice/ports'
import type { ValuesReference } from '@sluice/toolkit'

/** A reference to values that cannot be resolved. The message is Flux's. */
export class ValuesReferenceError extends ToolkitError {
  override readonly name = 'ValuesReferenceError'

  constructor(namespace: string, reference: ValuesReference, { reason, cause }: ReferenceFailure) {
    const { kind, name, optional, valuesKey } = reference
    super(
      'VALUES_REFERENCE',
      `could not resolve${optional ? ' optional' : ''} ${kind} chart values reference '${namespace}/${name}' with key '${valuesKey || defaultValuesKey}': ${reason}`,
      { cause },
    )
  }
}

/** Why a reference could not be resolved. */
export type ReferenceFailure = { readonly reason: string; readonly cause?: unknown }

/** The key of values where a reference names none. */
export const defaultValuesKey = 'values.yaml'
