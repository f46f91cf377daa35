import type { GoValue } from '@sluice/go'
import type { Schema, SchemaDocument } from './json-schema.ts'
import type { Violation } from './violation.ts'

/** Where a validation stands. */
export type At = { readonly path: readonly string[]; readonly depth: number }

/** Checks a value against a schema of the document; what keywords about parts of a value call. */
export interface SchemaCheck {
  readonly document: SchemaDocument
  check(schema: Schema, value: GoValue, at: At): Violation | undefined
}

/** One thing that is wrong at a place, without causes. */
export function wrong({ path }: At, text: string): Violation {
  return { path, text, causes: [] }
}
