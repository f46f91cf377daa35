import { goTypeName } from '@sluice/go'
import { parseJsonGo } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { isTable, ValuesError } from '../values/tables.ts'
import { SchemaDocument, SchemaError } from './json-schema.ts'
import { Validator } from './validator.ts'
import { reportLines } from './violation.ts'

const heading = "values don't meet the specifications of the schema(s) in the following chart(s):\n"

/**
 * Checks values against the `values.schema.json` of the chart and of its dependencies.
 *
 * @throws {ValuesError} in Helm's words, with all that is wrong.
 */
export function validateValues(chart: Chart, values: MutableValues): void {
  const report = reportOf(chart, values)
  if (report !== '') throw new ValuesError(heading + report)
}

function reportOf(chart: Chart, values: MutableValues): string {
  const own = chart.schema === undefined ? undefined : problemOf(chart.schema, values)
  const parts = own === undefined ? [] : [`${chart.metadata.name}:\n${own}`]
  for (const dependency of chart.dependencies) {
    const { name } = dependency.metadata
    const inner = values.get(name)
    if (inner === undefined || inner === null) continue
    parts.push(
      isTable(inner)
        ? reportOf(dependency, inner)
        : `${name}:\ninvalid type for values: expected object (map), got ${goTypeName(inner)}\n`,
    )
  }
  return parts.join('')
}

/** What is wrong with the values or with the schema itself; nothing when all is well. */
function problemOf(schema: Uint8Array, values: MutableValues): string | undefined {
  try {
    const violations = new Validator(new SchemaDocument(readSchema(schema))).violations(values)
    return violations.length === 0 ? undefined : `${reportLines(violations).join('\n')}\n`
  } catch (error) {
    if (error instanceof SchemaError) return error.message
    throw error
  }
}

function readSchema(schema: Uint8Array): unknown {
  const text = new TextDecoder().decode(schema)
  if (text.trim() === '') throw new SchemaError('EOF')
  try {
    return parseJsonGo(text)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new SchemaError(/unexpected end/.test(message) ? 'unexpected EOF' : message)
  }
}
