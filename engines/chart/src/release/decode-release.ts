import type { Compression } from '@sluice/ports'
import { parseJson } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import type { ChartFile } from '../load/chart-files.ts'
import { decodeStruct } from '../load/go-struct.ts'
import { lockOf } from '../load/lock-file.ts'
import { decodeMetadata, metadataOf } from '../load/metadata.ts'
import type { HookEvent } from '../render/manifests.ts'
import { decodeBase64 } from './base64.ts'
import type { Release, ReleaseHook, ReleaseInfo } from './release.ts'
import { releaseFields, type WireRelease } from './release-fields.ts'

/** Records have at most a megabyte; what unpacks to more than this is an attack. */
const maxRecordBytes = 128 * 1024 * 1024

const noInfo: ReleaseInfo = {
  firstDeployed: '',
  lastDeployed: '',
  deleted: '',
  description: '',
  status: 'unknown',
  rollbackRevision: 0,
  notes: '',
}

/**
 * Reads the text of a record: JSON in base64, in gzip unless it is of an old Helm. Records of Helm 3 and 4 are read.
 *
 * @throws {ChartError} `CHART_RECORD`
 */
export function decodeRelease(
  record: string,
  {
    compression,
    labels = new Map(),
  }: {
    readonly compression: Compression
    readonly labels?: ReadonlyMap<string, string>
  },
): Release {
  const wire = explained(() => decodeStruct(json(record, compression), releaseFields, struct))
  const { name, namespace, version, manifest, config, apply_method: applyMethod } = wire
  return {
    name,
    namespace,
    revision: version,
    info: infoOf(wire),
    chart: explained(() => chartOf(wire)),
    config: config && new Map(config),
    manifest,
    hooks: wire.hooks.flatMap((it) => (it ? [hookOf(it)] : [])),
    applyMethod,
    labels,
  }
}

const struct = {
  name: 'Release',
  type: 'v1.Release',
  rules: { convertsScalars: false, isStrict: false },
}

function json(record: string, compression: Compression): unknown {
  const packed = decodeBase64(record)
  if (!packed) throw new ChartError('CHART_RECORD', 'illegal base64 data')
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b && packed[2] === 0x08
  const bytes = isPacked ? compression.gunzip(packed, { maxBytes: maxRecordBytes }) : packed
  return parseJson(new TextDecoder().decode(bytes))
}

function explained<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof RangeError) throw cause
    throw new ChartError('CHART_RECORD', cause.message, { cause })
  }
}

function infoOf({ info }: WireRelease): ReleaseInfo {
  if (!info) return noInfo
  return {
    firstDeployed: info.first_deployed,
    lastDeployed: info.last_deployed,
    deleted: info.deleted,
    description: info.description,
    status: info.status,
    rollbackRevision: info.rollback_revision,
    notes: info.notes,
  }
}

function chartOf({ chart }: WireRelease): Chart {
  const files = (wire: NonNullable<typeof chart>['files']): ChartFile[] =>
    wire.flatMap((it) => {
      if (!it) return []
      const { name, data = new Uint8Array(), modtime } = it
      return [{ name, data, ...(modtime === '' ? {} : { modifiedAt: modtime }) }]
    })
  return {
    metadata: chart?.metadata ? metadataOf(chart.metadata) : decodeMetadata(new Uint8Array()),
    lock: chart?.lock && lockOf(chart.lock),
    values: chart?.values && new Map(chart.values),
    schema: chart?.schema,
    templates: files(chart?.templates ?? []),
    files: files(chart?.files ?? []),
    raw: [],
    dependencies: [],
    ...(chart && chart.modtime !== '' ? { modifiedAt: chart.modtime } : {}),
    ...(chart && chart.schemamodtime !== '' ? { schemaModifiedAt: chart.schemamodtime } : {}),
  }
}

function hookOf(wire: NonNullable<WireRelease['hooks'][number]>): ReleaseHook {
  const { name, kind, path, manifest, weight, last_run: run } = wire
  return {
    name,
    kind,
    path,
    manifest,
    weight,
    // Records are read as they are; an event that is not known is never run.
    events: wire.events as readonly HookEvent[],
    deletePolicies: wire.delete_policies,
    outputLogPolicies: wire.output_log_policies,
    lastRun: { startedAt: run.started_at, completedAt: run.completed_at, phase: run.phase },
  }
}
