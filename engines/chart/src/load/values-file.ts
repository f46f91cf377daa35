import { bytesGoString, goStringBytes, isValidUtf8 } from '@sluice/go'
import { parseYamlGo } from '@sluice/yaml'
import type { MutableValues } from '../values/set-parser.ts'
import { isTable } from '../values/tables.ts'
import { ChartError } from './chart-error.ts'
import { withoutByteOrderMark } from './chart-files.ts'
import { splitDocuments } from './documents.ts'
import { jsonKind } from './go-struct.ts'

/**
 * Reads a values file: its documents are merged, later ones win.
 *
 * @throws {ChartError} `cannot unmarshal yaml document: …`
 */
export function parseValues(data: Uint8Array): MutableValues {
  let values: MutableValues = new Map()
  for (const document of splitDocuments(bytesGoString(withoutByteOrderMark(data)))) {
    values = mergeOver(values, documentTable(document))
  }
  return values
}

function documentTable(document: string): MutableValues {
  let value: unknown
  try {
    value = parseYamlGo(isValidUtf8(document) ? document : goStringBytes(document))
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw unreadable(`error converting YAML to JSON: ${message}`, cause)
  }
  if (value === null || value === undefined) return new Map()
  if (value instanceof Map) return value as MutableValues
  throw unreadable(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
  )
}

function unreadable(message: string, cause?: unknown): ChartError {
  return new ChartError('CHART_INVALID', `cannot unmarshal yaml document: ${message}`, { cause })
}

/** `over` on top of `under`, tables merged. Neither is changed. */
export function mergeOver(under: MutableValues, over: MutableValues): MutableValues {
  const result: MutableValues = new Map(under)
  for (const [key, value] of over) {
    const existing = result.get(key)
    result.set(key, isTable(value) && isTable(existing) ? mergeOver(existing, value) : value)
  }
  return result
}
