import { formatTime, parseTime, rfc3339, rfc3339Nano } from '@sluice/go'
import { parseYaml } from '@sluice/yaml'
import type { Dependency, Lock } from '../chart.ts'
import { ChartError } from './chart-error.ts'
import {
  decodeStruct,
  type FieldType,
  listOf,
  pointerTo,
  type StructType,
  text,
  yamlDecodingPrefix,
} from './go-struct.ts'
import { dependency, requireDependency, type WireDependency } from './metadata.ts'

type WireLock = Omit<Lock, 'dependencies'> & {
  readonly dependencies: readonly (WireDependency | undefined)[]
}

const zeroTime = '0001-01-01T00:00:00Z'

/** `time.Time`, kept as the text that Go writes. */
export const time: FieldType<string> = {
  type: 'time.Time',
  zero: zeroTime,
  read: (value) => {
    if (typeof value !== 'string') {
      throw new ChartError('CHART_INVALID', 'Time.UnmarshalJSON: input is not a JSON string')
    }
    return formatTime(parseTime(rfc3339, value), rfc3339Nano)
  },
}

const fields: StructType<WireLock> = {
  generated: time,
  digest: text,
  dependencies: listOf(pointerTo(dependency)),
}

/** Reads Chart.lock or requirements.lock. @throws {ChartError} `CHART_INVALID` with the text of Go's decoder */
export function decodeLock(yaml: Uint8Array): Lock {
  const value = parsed(yaml)
  try {
    const { dependencies, ...lock } = decodeStruct(value, fields, { name: 'Lock', type: 'v2.Lock' })
    return { ...lock, dependencies: dependencies.map((it): Dependency => requireDependency(it)) }
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', yamlDecodingPrefix + cause.message, { cause })
  }
}

function parsed(yaml: Uint8Array): unknown {
  try {
    return parseYaml(yaml)
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    throw new ChartError('CHART_INVALID', `error converting YAML to JSON: ${cause.message}`, { cause })
  }
}
