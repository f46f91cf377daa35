import type { SchemaNode } from './schema-node.ts'

/** A column of `kubectl get`. */
export type PrinterColumn = {
  readonly name: string
  readonly type: 'string' | 'date' | 'integer' | 'boolean'
  readonly jsonPath: string
  /** Above 0: only in wide output. */
  readonly priority?: number
}

/** One served version of a kind. */
export type VersionDefinition = {
  readonly name: string
  readonly columns: readonly PrinterColumn[]
  /** Warned about, and to be replaced by the storage version. */
  readonly deprecated?: true
}

/** All that is known of a kind: enough to make its CRD and to find it in the API. */
export type KindDefinition = {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  /** The version objects are stored in; it knows the fields of all others. */
  readonly storage: string
  /** Newest first. */
  readonly versions: readonly VersionDefinition[]
  /** One line about the kind. */
  readonly description: string
  readonly spec: SchemaNode
  /** Absent in kinds without a status. */
  readonly status?: SchemaNode
  /** Versions whose objects have a status, when not all have. */
  readonly statusIn?: readonly string[]
  /** Whether a new object begins with `observedGeneration: -1`. */
  readonly statusBeginsUnobserved: boolean
  /** Whether the CRD itself is kept out of variable substitution. */
  readonly substitutionDisabled: boolean
}

export const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
export const ready: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].status',
}
export const status: PrinterColumn = {
  name: 'Status',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
}

export function column(name: string, jsonPath: string, priority?: number): PrinterColumn {
  return { name, type: 'string', jsonPath, ...(priority !== undefined && { priority }) }
}
