import type { GoValue } from '@sluice/go'
import type { Compression } from '@sluice/ports'
import { jsonMarshal, StructFields } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import type { ChartFile } from '../load/chart-files.ts'
import { filled, lockObject, metadataObject } from '../package/metadata-object.ts'
import { encodeBase64 } from './base64.ts'
import type { HookRun, Release, ReleaseHook, ReleaseInfo } from './release.ts'

const zeroTime = '0001-01-01T00:00:00Z'

/** The text of a record: base64 of gzip of JSON, with the fields that Helm 4 writes. {@link decodeRelease} reads it. */
export function encodeRelease(
  release: Release,
  { compression }: { readonly compression: Compression },
): string {
  const json = jsonMarshal(releaseObject(release))
  return encodeBase64(compression.gzip(new TextEncoder().encode(json)))
}

/** The record as it is in JSON. */
export function releaseObject(release: Release): StructFields {
  const { name, info, chart, config, manifest, hooks, revision, namespace, applyMethod } = release
  return filled({
    name,
    info: infoObject(info),
    chart: chartObject(chart),
    config,
    manifest,
    hooks: hooks.map(hookObject),
    version: revision,
    namespace,
    apply_method: applyMethod,
  })
}

function infoObject(info: ReleaseInfo): StructFields {
  return filled({
    first_deployed: info.firstDeployed,
    last_deployed: info.lastDeployed,
    deleted: info.deleted,
    description: info.description,
    status: info.status,
    rollback_revision: info.rollbackRevision,
    notes: info.notes,
  })
}

function chartObject(chart: Chart): StructFields {
  const { metadata, lock, templates, values, schema, files } = chart
  return new StructFields([
    ['metadata', metadataObject(metadata)],
    ['lock', lock ? lockObject(lock) : null],
    ['templates', fileObjects(templates)],
    ['values', values ?? null],
    ['schema', schema ?? null],
    ['schemamodtime', chart.schemaModifiedAt ?? zeroTime],
    ['files', fileObjects(files)],
    ...(chart.modifiedAt === undefined ? [] : [['modtime', chart.modifiedAt] as const]),
  ])
}

function fileObjects(files: readonly ChartFile[]): GoValue {
  if (files.length === 0) return null
  return files.map(
    ({ name, data, modifiedAt }) =>
      new StructFields([
        ['name', name],
        ['data', data],
        ...(modifiedAt === undefined ? [] : [['modtime', modifiedAt] as const]),
      ]),
  )
}

function hookObject({ lastRun, ...hook }: ReleaseHook): StructFields {
  const { name, kind, path, manifest, events, weight, deletePolicies, outputLogPolicies } = hook
  return filled({
    name,
    kind,
    path,
    manifest,
    events,
    last_run: runObject(lastRun),
    weight,
    delete_policies: deletePolicies,
    output_log_policies: outputLogPolicies,
  })
}

function runObject({ startedAt, completedAt, phase }: HookRun): StructFields {
  const times = filled({ started_at: startedAt, completed_at: completedAt })
  return new StructFields([...times, ['phase', phase]])
}
