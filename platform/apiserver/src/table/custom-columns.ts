import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import type { CustomResource } from '../registry/api-resource.ts'
import { ageOf, since } from './format.ts'
import { jsonPathValues } from './json-path.ts'
import type { ColumnDefinition } from './table.ts'

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** Columns that a CRD asks for; the age when it asks for none. */
export function customColumns({ columns }: CustomResource): ColumnDefinition[] {
  if (columns.length === 0) {
    return [
      { name: 'Age', type: 'date', format: '', description: 'Time since the object was made.', priority: 0 },
    ]
  }
  return columns.map((column) => ({
    name: text(column.name),
    type: text(column.type),
    format: text(column.format),
    description:
      text(column.description) ||
      `Custom resource definition column (in JSONPath format): ${text(column.jsonPath)}`,
    priority: typeof column.priority === 'number' ? column.priority : 0,
  }))
}

export function customCells(object: KubeObject, { columns }: CustomResource, now: number): JsonValue[] {
  if (columns.length === 0) return [ageOf(object, now)]
  return columns.map((column) => cell(object, column, now))
}

function cell(object: KubeObject, column: JsonObject, now: number): JsonValue {
  const values = jsonPathValues(object, text(column.jsonPath))
  const [value] = values
  if (value === undefined || value === null) return null
  switch (text(column.type)) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? since(value, now) : '<invalid>'
    default:
      return printed(values)
  }
}

function printed(values: readonly JsonValue[]): JsonValue {
  return values.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join(' ')
}
