import { formatTime, parseTime, rfc3339, rfc3339Nano } from '@sluice/go'
import { parseYaml } from '@sluice/yaml'
import type { Lock } from '../chart.ts'
import { ChartError } from './chart-error.ts'
import {
  decodeStruct,
  type FieldType,
  listOf,
  pointerTo,
  type StructType,
  structOf,
  text,
  yamlDecodingPrefix,
} from './go-struct.ts'
import { dependency, requireDependency, type WireDependency } from './metadata.ts'

export type WireLock = Omit<Lock, 'dependencies'> & {
  readonly dependencies: readonly (WireDependency | undefined)[] | undefined
}

const zeroTime = '0001-01-01T00:00:00Z'

// Times in UTC of days that every month has: only the zeros at the end of their fractions go, no need to take them apart.
const plainTime =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:(\.\d{0,8}[1-9])0*|\.0+)?Z$/

/** `time.Time`, kept as the text that Go writes. */
export const time: FieldType<string> = {
  type: 'time.Time',
  zero: zeroTime,
  read: (value) => {
    if (typeof value !== 'string') {
      throw new ChartError('CHART_INVALID', 'Time.UnmarshalJSON: input is not a JSON string')
    }
    const plain = plainTime.exec(value)
    if (plain) return `${plain[1]}${plain[2] ?? ''}Z`
    return formatTime(parseTime(rfc3339, value), rfc3339Nano)
  },
}

const fields: StructType<WireLock> = {
  generated: time,
  digest: text,
  dependencies: pointerTo(listOf(pointerTo(dependency), '[]*v2.Dependency')),
}

/** Chart.lock's struct, for those who have it in JSON. */
export const lockFile: FieldType<WireLock> = structOf<WireLock>('Lock', fields, 'v2.Lock')

/** Reads Chart.lock or requirements.lock. @throws {ChartError} `CHART_INVALID` with the text of Go's decoder */
export function decodeLock(yaml: Uint8Array): Lock {
  const value = parsed(yaml)
  try {
    return lockOf(decodeStruct(value, fields, { name: 'Lock', type: 'v2.Lock' }))
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', yamlDecodingPrefix + cause.message, { cause })
  }
}

/** A lock from its fields. @throws {ChartError} for dependencies that are null */
export function lockOf({ dependencies, ...lock }: WireLock): Lock {
  return { ...lock, dependencies: dependencies?.map(requireDependency) }
}

function parsed(yaml: Uint8Array): unknown {
  try {
    return parseYaml(yaml)
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', `error converting YAML to JSON: ${cause.message}`, { cause })
  }
}
