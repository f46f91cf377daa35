import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { JsonPathError, type PrinterColumn, PrinterColumns } from '@sluice/schema'
import type { CustomResource } from '../registry/api-resource.ts'
import { ageOf, humanDuration } from './format.ts'
import type { ColumnDefinition } from './table.ts'

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
const prepared = new WeakMap<CustomResource['columns'], PrinterColumns | undefined>()

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
  if (!prepared.has(columns)) prepared.set(columns, prepare(columns))
  const cells = prepared.get(columns)
  const age = (time: number): string => humanDuration(now - time)
  return cells ? cells.cells(object as unknown as JsonObject, age) : columns.map(() => null)
}

/** Columns whose paths cannot be read stay empty. */
function prepare(columns: CustomResource['columns']): PrinterColumns | undefined {
  const read = columns.map(
    ({ name, type, jsonPath }): PrinterColumn => ({
      name: text(name),
      type: text(type),
      jsonPath: text(jsonPath),
    }),
  )
  try {
    return new PrinterColumns(read)
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}
