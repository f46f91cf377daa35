import type { GoValue } from '@sluice/go'
import {
  anything,
  embedded,
  type FieldType,
  flag,
  listOf,
  mapOf,
  pointerTo,
  type StructType,
  structOf,
  text,
  textMap,
} from '../load/go-struct.ts'
import { time } from '../load/lock-file.ts'
import { metadataFields, type WireMetadata } from '../load/metadata.ts'

/** A version of a chart as the index has it; the last four fields are of old indexes and mean nothing. */
export type WireVersion = WireMetadata & {
  readonly urls: readonly string[]
  readonly created: string
  readonly removed: boolean
  readonly digest: string
  readonly checksum: string
  readonly engine: string
  readonly tillerVersion: string
  readonly url: string
}

export type WireIndex = {
  readonly serverInfo: ReadonlyMap<string, GoValue>
  readonly apiVersion: string
  readonly generated: string
  readonly entries: ReadonlyMap<string, readonly (WireVersion | undefined)[]>
  readonly publicKeys: readonly string[]
  readonly annotations: ReadonlyMap<string, string>
}

export const versionFields: StructType<WireVersion> = {
  ...embedded('Metadata', metadataFields),
  urls: listOf(text),
  created: time,
  removed: flag,
  digest: text,
  checksum: text,
  engine: text,
  tillerVersion: text,
  url: text,
}

const versions: FieldType<readonly (WireVersion | undefined)[]> = listOf(
  pointerTo(structOf('ChartVersion', versionFields, 'repo.ChartVersion')),
  'repo.ChartVersions',
)

/** The fields of an index. Source: https://helm.sh/docs/topics/chart_repository/ and Helm 4.3's texts of errors. */
export const indexFields: StructType<WireIndex> = {
  serverInfo: mapOf(anything),
  apiVersion: text,
  generated: time,
  entries: mapOf(versions),
  publicKeys: listOf(text),
  annotations: textMap,
}
