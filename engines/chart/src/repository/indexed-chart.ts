import { compareVersions, GoError, parseVersion, type SemverVersion } from '@sluice/go'
import type { LogFields } from '@sluice/ports'
import type { Metadata } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import { metadataOf, sanitizeMetadata, validateMetadata } from '../load/metadata.ts'
import type { WireVersion } from './index-fields.ts'
import { UnusualIndexError, type VersionReader } from './open-index.ts'

/** A version of a chart that a repository has. */
export type ChartVersion = {
  readonly name: string
  readonly version: string
  /** Absolute, or relative to the repository. */
  readonly urls: readonly string[]
  /** SHA-256 of the archive as the index has it, which may begin with `sha256:`. */
  readonly digest: string | undefined
  /** RFC 3339; the year 1 or empty when absent. */
  readonly created: string
}

/** A version of a chart with all that an index says about it. */
export interface IndexedChart extends ChartVersion {
  readonly removed: boolean
  /** Read from the index again at each use: most of what an index has is never asked for. */
  readonly metadata: Metadata
}

/** Takes Helm's warnings. */
export type Warn = (message: string, fields: LogFields) => void

/** A version that was found to be valid, with what it was read from. */
export type ReadVersion = {
  readonly chart: IndexedChart
  readonly wire: WireVersion
  readonly metadata: Metadata
}

type Sortable<T> = { readonly value: T; readonly semver: SemverVersion }

/**
 * The valid versions of a chart, each as `keep` wants it, highest first.
 *
 * @throws {UnusualIndexError}
 */
export function validVersions<T>(
  name: string,
  readers: readonly VersionReader[],
  { warn, keep }: { readonly warn: Warn; readonly keep: (version: ReadVersion) => T },
): readonly T[] {
  const valid: Sortable<T>[] = []
  for (const read of readers) {
    const wire = read()
    if (!wire) {
      warn('skipping loading invalid entry for chart: empty entry', { name })
      continue
    }
    try {
      const metadata = acceptedMetadata(metadataOf(wire))
      const semver = parseVersion(metadata.version)
      valid.push({ value: keep({ chart: new LazyChart(wire, metadata, read), wire, metadata }), semver })
    } catch (error) {
      if (!(error instanceof ChartError || error instanceof GoError)) throw error
      const { version } = wire
      warn('skipping loading invalid entry for chart', { name, version, error: error.message })
    }
  }
  return valid.toSorted((a, b) => compareVersions(b.semver, a.semver)).map(({ value }) => value)
}

class LazyChart implements IndexedChart {
  readonly name: string
  readonly version: string
  readonly urls: readonly string[]
  readonly digest: string | undefined
  readonly created: string
  readonly removed: boolean
  readonly #read: VersionReader

  constructor(
    { urls, digest, created, removed }: WireVersion,
    { name, version }: Metadata,
    read: VersionReader,
  ) {
    this.name = name
    this.version = version
    this.urls = urls
    this.digest = digest === '' ? undefined : digest
    this.created = created
    this.removed = removed
    this.#read = read
  }

  get metadata(): Metadata {
    const wire = this.#read()
    if (!wire) throw new UnusualIndexError()
    const {
      urls: _,
      created: __,
      removed: ___,
      digest: ____,
      checksum: _____,
      engine: ______,
      tillerVersion: _______,
      url: ________,
      ...fields
    } = wire
    return acceptedMetadata(metadataOf(fields))
  }
}

/** Some servers strip the aliases of dependencies, so names that repeat are no reason to refuse. */
function acceptedMetadata(raw: Metadata): Metadata {
  const metadata = raw.apiVersion === '' ? { ...raw, apiVersion: 'v1' } : raw
  try {
    return validateMetadata(metadata)
  } catch (error) {
    if (!(error instanceof ChartError && error.message.startsWith(repeatedDependency))) throw error
    return sanitizeMetadata(metadata)
  }
}

const repeatedDependency = 'validation: more than one dependency with name or alias'
