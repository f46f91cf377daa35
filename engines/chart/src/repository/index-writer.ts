import { compareGoStrings, type GoValue } from '@sluice/go'
import type { Dependency, Maintainer, Metadata } from '../chart.ts'
import type { WireIndex } from './index-fields.ts'
import type { ReadVersion } from './indexed-chart.ts'

const encoder = new TextEncoder()

/** Writes an index as Go does, chart by chart, so that only its bytes are held. */
export class IndexWriter {
  readonly #charts = new Map<string, Uint8Array>()

  /** @param versions as {@link versionJson} writes them */
  add(name: string, versions: readonly string[]): void {
    this.#charts.set(name, encoder.encode(`${goJson(name)}:[${versions.join(',')}]`))
  }

  finish({
    serverInfo,
    apiVersion,
    generated,
    publicKeys,
    annotations,
  }: Omit<WireIndex, 'entries'>): Uint8Array {
    const before = [
      ...(serverInfo.size > 0 ? [`"serverInfo":${goJson(mapJson(serverInfo))}`] : []),
      `"apiVersion":${goJson(apiVersion)}`,
      `"generated":${goJson(generated)}`,
    ]
    const after = [
      ...(publicKeys.length > 0 ? [`,"publicKeys":${goJson(publicKeys)}`] : []),
      ...(annotations.size > 0 ? [`,"annotations":${goJson(mapJson(annotations))}`] : []),
    ]
    const names = [...this.#charts.keys()].toSorted()
    const comma = encoder.encode(',')
    const charts = names.flatMap((name, index) => {
      const chart = this.#charts.get(name) ?? new Uint8Array()
      return index === 0 ? [chart] : [comma, chart]
    })
    return joined([
      encoder.encode(`{${before.join(',')},"entries":{`),
      ...charts,
      encoder.encode(`}${after.join('')}}`),
    ])
  }
}

/** A version of a chart as an index has it. */
export function versionJson({ wire, metadata }: ReadVersion): string {
  const { urls, created, removed, digest } = wire
  return goJson({
    ...metadataJson(metadata),
    urls,
    created,
    removed: removed || undefined,
    digest: digest || undefined,
  })
}

/** The fields of Chart.yaml in the order of Helm's struct; those that are empty are left out when they are written. */
function metadataJson(metadata: Metadata): object {
  const { maintainers, annotations, dependencies } = metadata
  return {
    name: metadata.name || undefined,
    home: metadata.home || undefined,
    sources: listJson(metadata.sources),
    version: metadata.version || undefined,
    description: metadata.description || undefined,
    keywords: listJson(metadata.keywords),
    maintainers: listJson(maintainers.map(maintainerJson)),
    icon: metadata.icon || undefined,
    apiVersion: metadata.apiVersion || undefined,
    condition: metadata.condition || undefined,
    tags: metadata.tags || undefined,
    appVersion: metadata.appVersion || undefined,
    deprecated: metadata.deprecated || undefined,
    annotations: annotations.size === 0 ? undefined : mapJson(annotations),
    kubeVersion: metadata.kubeVersion || undefined,
    dependencies: listJson(dependencies.map(dependencyJson)),
    type: metadata.type || undefined,
  }
}

function listJson<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}

function maintainerJson({ name, email, url }: Maintainer): object {
  return { name: name || undefined, email: email || undefined, url: url || undefined }
}

function dependencyJson(dependency: Dependency): object {
  const { name, version, repository, condition, tags, enabled, importValues, alias } = dependency
  return {
    name,
    version: version || undefined,
    repository,
    condition: condition || undefined,
    tags: listJson(tags),
    enabled: enabled || undefined,
    'import-values': listJson(importValues.map(valueJson)),
    alias: alias || undefined,
  }
}

function mapJson(map: ReadonlyMap<string, GoValue>): object {
  const sorted = [...map].toSorted(([a], [b]) => compareGoStrings(a, b))
  return Object.fromEntries(sorted.map(([key, value]) => [key, valueJson(value)]))
}

/** A value in the form that the host's JSON writer takes. */
function valueJson(value: GoValue): unknown {
  if (value instanceof Map) return mapJson(value)
  return Array.isArray(value) ? (value as readonly GoValue[]).map(valueJson) : value
}

const escaped = /[<>&\u2028\u2029]/g

/** JSON with the escapes of Go. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    escaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}
