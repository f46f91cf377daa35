import { goTypeName } from '@sluice/go'
import { parseJsonGo } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import type { MutableValues } from '../values/set-parser.ts'
import { isTable, ValuesError } from '../values/tables.ts'
import { compileSchema } from './document/compile.ts'
import type { CompiledSchema } from './document/compiled.ts'
import { SchemaRegistry } from './document/registry.ts'
import { checkAgainstMetaschema } from './metaschema-check.ts'
import { SchemaError } from './schema-error.ts'
import { violationsOf } from './validate/validate.ts'
import { reportLines } from './violation.ts'

const heading = "values don't meet the specifications of the schema(s) in the following chart(s):\n"
/** Under this address messages know a chart's schema. */
const address = 'file:///values.schema.json'
// Charts are shared between renders; a schema lives as long as the chart that has its bytes.
const compiled = new WeakMap<Uint8Array, CompiledSchema>()

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
    const violations = violationsOf(compiledFrom(schema), values)
    return violations.length === 0 ? undefined : `${reportLines(violations).join('\n')}\n`
  } catch (error) {
    if (error instanceof SchemaError) return error.message
    throw error
  }
}

function compiledFrom(bytes: Uint8Array): CompiledSchema {
  const known = compiled.get(bytes)
  if (known) return known
  const registry = new SchemaRegistry(new Map([[address, readSchema(bytes)]]), checkAgainstMetaschema)
  const schema = compileSchema(registry, address)
  compiled.set(bytes, schema)
  return schema
}

function readSchema(schema: Uint8Array): ReturnType<typeof parseJsonGo> {
  const text = new TextDecoder().decode(schema)
  if (text.trim() === '') throw new SchemaError('EOF')
  try {
    return parseJsonGo(text, 'json.Number')
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new SchemaError(decoderText(message), { cause })
  }
}

/** Helm reads the schema from a stream, whose errors differ. */
function decoderText(message: string): string {
  if (/unexpected end/.test(message)) return 'unexpected EOF'
  return message.replace(
    /invalid character .* after top-level value/s,
    'invalid character after top-level value',
  )
}
