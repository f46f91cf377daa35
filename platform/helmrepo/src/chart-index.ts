import { parseYaml } from '@sluice/yaml'
import { HelmRepositoryError } from './helm-repository-error.ts'

/** A version of a chart in an index. */
export type ChartVersion = {
  readonly name: string
  readonly version: string
  /** Absolute, or relative to the repository. */
  readonly urls: readonly string[]
  /** Hexadecimal SHA-256 of the archive, where the index has it. */
  readonly digest: string | undefined
  /** RFC 3339; empty when absent. */
  readonly created: string
}

/** The index of a chart repository. */
export type ChartIndex = {
  readonly entries: ReadonlyMap<string, readonly ChartVersion[]>
  /** The whole document as JSON, which is how it is stored. */
  readonly document: Readonly<Record<string, unknown>>
}

/**
 * Parses `index.yaml`, which may be JSON. Versions without a name, version or address are left out, as in Helm.
 *
 * @throws {HelmRepositoryError} `HELM_INDEX`
 */
export function parseChartIndex(bytes: Uint8Array): ChartIndex {
  const text = new TextDecoder().decode(bytes)
  if (text.trim() === '') throw new HelmRepositoryError('HELM_INDEX', 'empty index.yaml file')
  const document = parseDocument(text)
  if (!isRecord(document)) throw new HelmRepositoryError('HELM_INDEX', 'index is not a mapping')
  if (document['apiVersion'] === undefined || document['apiVersion'] === '') {
    throw new HelmRepositoryError('HELM_INDEX', 'no API version specified')
  }
  const entries = new Map<string, readonly ChartVersion[]>()
  for (const [name, versions] of Object.entries(recordOf(document['entries']))) {
    entries.set(name, Array.isArray(versions) ? versions.flatMap((it) => decodeVersion(it)) : [])
  }
  return { entries, document }
}

function parseDocument(text: string): unknown {
  try {
    // JSON is YAML too, but far quicker to read as what it is; some repositories publish indexes of many megabytes.
    return text.trimStart().startsWith('{') ? (JSON.parse(text) as unknown) : parseYaml(text)
  } catch (cause) {
    throw new HelmRepositoryError('HELM_INDEX', 'index cannot be parsed', { cause })
  }
}

function decodeVersion(value: unknown): ChartVersion[] {
  const { name, version, urls, digest, created } = recordOf(value)
  if (typeof name !== 'string' || typeof version !== 'string' || name === '' || version === '') return []
  return [
    {
      name,
      version,
      urls: Array.isArray(urls) ? urls.filter((url): url is string => typeof url === 'string') : [],
      digest: typeof digest === 'string' && digest !== '' ? digest.replace(/^sha256:/, '') : undefined,
      created: typeof created === 'string' ? created : '',
    },
  ]
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
