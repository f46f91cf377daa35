import type { JsonObject, JsonValue } from '@sluice/ports'
import { JsonPath, printValue } from './json-path.ts'
import { JsonPathError } from './json-path-error.ts'

/** An entry of `additionalPrinterColumns`. */
export type PrinterColumn = {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
}

/** The columns that a CRD adds to tables of its objects, prepared once. */
export class PrinterColumns {
  readonly columns: readonly PrinterColumn[]
  readonly #paths: readonly JsonPath[]

  /** @throws {JsonPathError} when the path of a column cannot be read */
  constructor(columns: readonly PrinterColumn[]) {
    this.columns = columns
    this.#paths = columns.map(({ jsonPath }) => new JsonPath(`{${jsonPath}}`))
  }

  /**
   * The cells of an object; null where it has no value or one of another type.
   *
   * @param age how long ago a time was, in words; times are in milliseconds
   */
  cells(object: JsonObject, age: (time: number) => string): JsonValue[] {
    return this.columns.map(({ type }, index) => {
      const value = first(this.#paths[index], object)
      if (value === undefined) return null
      if (type === 'string') return value === null ? '<no value>' : printValue(value)
      return cell(type, value, age)
    })
  }
}

/** What a column shows is the first value found. */
function first(path: JsonPath | undefined, object: JsonObject): unknown {
  try {
    return path?.find(object)[0]?.[0]
  } catch (error) {
    if (error instanceof JsonPathError) return undefined
    throw error
  }
}

function cell(type: string, value: unknown, age: (time: number) => string): JsonValue {
  switch (type) {
    case 'integer':
      return typeof value === 'number' || typeof value === 'bigint' ? (truncated(value) as JsonValue) : null
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      return typeof value === 'string' ? dateCell(value, age) : null
    default:
      return null
  }
}

function truncated(value: number | bigint): number | bigint {
  return typeof value === 'number' ? Math.trunc(value) : value
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/

function dateCell(text: string, age: (time: number) => string): string {
  if (text === '' || text === 'null') return '<unknown>'
  const time = rfc3339.test(text) ? Date.parse(text.replace(',', '.')) : Number.NaN
  return Number.isNaN(time) ? '<invalid>' : age(time)
}
