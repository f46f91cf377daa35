import type { GoValue } from '@sluice/go'
import type { ChartFile } from './load/chart-files.ts'
import type { MutableValues } from './values/set-parser.ts'

/** A dependency as Chart.yaml (or requirements.yaml) declares it. */
export type Dependency = {
  readonly name: string
  readonly version: string
  readonly repository: string
  /** Comma-separated paths into the values; the first that exists decides. */
  readonly condition: string
  readonly tags: readonly string[]
  readonly enabled: boolean
  /** Names, or `{child, parent}` maps. */
  readonly importValues: readonly GoValue[]
  readonly alias: string
}

export type Maintainer = { readonly name: string; readonly email: string; readonly url: string }

/** Content of Chart.yaml. Absent texts are empty, as in Go. */
export type Metadata = {
  readonly name: string
  readonly home: string
  readonly sources: readonly string[]
  readonly version: string
  readonly description: string
  readonly keywords: readonly string[]
  readonly maintainers: readonly Maintainer[]
  readonly icon: string
  readonly apiVersion: string
  readonly condition: string
  readonly tags: string
  readonly appVersion: string
  readonly deprecated: boolean
  readonly annotations: ReadonlyMap<string, string>
  readonly kubeVersion: string
  readonly dependencies: readonly Dependency[]
  readonly type: string
}

/** Content of Chart.lock: the versions that dependencies had when they were last resolved. */
export type Lock = {
  /** RFC 3339. */
  readonly generated: string
  readonly digest: string
  /** `undefined` where the file has none at all. */
  readonly dependencies: readonly Dependency[] | undefined
}

/** A loaded chart with its dependencies. Charts are values: processing makes new ones. */
export type Chart = {
  readonly metadata: Metadata
  /** Chart.lock or requirements.lock. */
  readonly lock: Lock | undefined
  readonly values: MutableValues | undefined
  readonly schema: Uint8Array | undefined
  /** Files below `templates/`, in loading order. */
  readonly templates: readonly ChartFile[]
  /** Everything that is neither metadata, values, schema, template nor dependency. */
  readonly files: readonly ChartFile[]
  /** All files as loaded, for packaging and for `crds/`. */
  readonly raw: readonly ChartFile[]
  readonly dependencies: readonly Chart[]
  /** RFC 3339, where it is known. */
  readonly modifiedAt?: string
  /** The same of the schema. */
  readonly schemaModifiedAt?: string
}
