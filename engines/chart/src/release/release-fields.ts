import type { GoValue } from '@sluice/go'
import { parseTime, rfc3339 } from '@sluice/go'
import { ChartError } from '../load/chart-error.ts'
import {
  anything,
  type FieldType,
  integer,
  listOf,
  mapOf,
  mismatch,
  pointerTo,
  type StructType,
  structOf,
  text,
} from '../load/go-struct.ts'
import { lockFile, type WireLock } from '../load/lock-file.ts'
import { metadataFields, type WireMetadata } from '../load/metadata.ts'
import { decodeBase64 } from './base64.ts'

type WireFile = { readonly name: string; readonly data: Uint8Array | undefined; readonly modtime: string }

type WireChart = {
  readonly metadata: WireMetadata | undefined
  readonly lock: WireLock | undefined
  readonly templates: readonly (WireFile | undefined)[]
  readonly values: ReadonlyMap<string, GoValue> | undefined
  readonly schema: Uint8Array | undefined
  readonly schemamodtime: string
  readonly files: readonly (WireFile | undefined)[]
  readonly modtime: string
}

type WireInfo = {
  readonly first_deployed: string
  readonly last_deployed: string
  readonly deleted: string
  readonly description: string
  readonly status: string
  readonly rollback_revision: number
  readonly notes: string
}

type WireRun = { readonly started_at: string; readonly completed_at: string; readonly phase: string }

type WireHook = {
  readonly name: string
  readonly kind: string
  readonly path: string
  readonly manifest: string
  readonly events: readonly string[]
  readonly last_run: WireRun
  readonly weight: number
  readonly delete_policies: readonly string[]
  readonly output_log_policies: readonly string[]
}

/** A record as it is written. Source: Helm 4.3's JSON of releases, which is that of Helm 3 with more fields. */
export type WireRelease = {
  readonly name: string
  readonly info: WireInfo | undefined
  readonly chart: WireChart | undefined
  readonly config: ReadonlyMap<string, GoValue> | undefined
  readonly manifest: string
  readonly hooks: readonly (WireHook | undefined)[]
  readonly version: number
  readonly namespace: string
  readonly apply_method: string
}

/** `time.Time`; the zero time is empty, and Helm 3 wrote it as empty text. */
const time: FieldType<string> = {
  type: 'time.Time',
  zero: '',
  read: (value) => {
    if (value === '') return ''
    if (typeof value !== 'string') {
      throw new ChartError('CHART_RECORD', 'Time.UnmarshalJSON: input is not a JSON string')
    }
    parseTime(rfc3339, value)
    return value.startsWith('0001-01-01T00:00:00') ? '' : value
  },
}

/** `[]byte`, in base64. */
const bytes: FieldType<Uint8Array | undefined> = {
  type: '[]uint8',
  zero: undefined,
  read: (value, at) => {
    if (typeof value !== 'string') throw mismatch(value, at, '[]uint8')
    const decoded = decodeBase64(value)
    if (!decoded) throw new ChartError('CHART_RECORD', 'illegal base64 data')
    return decoded
  },
}

const table = pointerTo(mapOf(anything))

const file = structOf<WireFile>('File', { name: text, data: bytes, modtime: time }, 'common.File')

const chart = structOf<WireChart>(
  'Chart',
  {
    metadata: pointerTo(structOf('Metadata', metadataFields, 'v2.Metadata')),
    lock: pointerTo(lockFile),
    templates: listOf(pointerTo(file), '[]*common.File'),
    values: table,
    schema: bytes,
    schemamodtime: time,
    files: listOf(pointerTo(file), '[]*common.File'),
    modtime: time,
  },
  'v2.Chart',
)

const info = structOf<WireInfo>(
  'Info',
  {
    first_deployed: time,
    last_deployed: time,
    deleted: time,
    description: text,
    status: text,
    rollback_revision: integer,
    notes: text,
  },
  'v1.Info',
)

const hook = structOf<WireHook>(
  'Hook',
  {
    name: text,
    kind: text,
    path: text,
    manifest: text,
    events: listOf(text),
    last_run: structOf<WireRun>(
      'HookExecution',
      { started_at: time, completed_at: time, phase: text },
      'v1.HookExecution',
    ),
    weight: integer,
    delete_policies: listOf(text),
    output_log_policies: listOf(text),
  },
  'v1.Hook',
)

export const releaseFields: StructType<WireRelease> = {
  name: text,
  info: pointerTo(info),
  chart: pointerTo(chart),
  config: table,
  manifest: text,
  hooks: listOf(pointerTo(hook), '[]*v1.Hook'),
  version: integer,
  namespace: text,
  apply_method: text,
}
