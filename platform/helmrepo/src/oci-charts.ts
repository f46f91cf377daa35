import type { ChartVersion } from '@sluice/chart'
import { parseConstraint, SemverError, tryParseFluxVersion } from '@sluice/go'
import { mediaTypes, OciError, type OciRepositoryClient } from '@sluice/oci'
import { HelmRepositoryError } from './helm-repository-error.ts'
import { selectChartVersion } from './select-version.ts'

/** A chart in a registry: one repository a chart, one tag a version. */
export type OciChart = {
  readonly client: OciRepositoryClient
  readonly name: string
  /** Address of the chart, `oci://host/path/name`, for messages. */
  readonly url: string
}

/**
 * The version of a chart in a registry. A whole version needs no list of tags. `+` stands as `_` in tags.
 *
 * @throws {HelmRepositoryError}
 */
export async function findOciChartVersion(
  { client, name, url }: OciChart,
  range: string,
): Promise<ChartVersion> {
  const versionOf = (tag: string): ChartVersion => {
    const version = tag.replaceAll('_', '+')
    return { name, version, urls: [`${url}:${tag}`], digest: undefined, created: '' }
  }
  if (tryParseFluxVersion(range)) return versionOf(ociTagOf(range))
  const tags = await listTags({ client, name, url })
  try {
    return selectChartVersion(tags.map(versionOf), name, range)
  } catch (cause) {
    if (!(cause instanceof HelmRepositoryError)) throw cause
    // A registry may have the version in a moment: unlike with an index, this is no mistake in the reference.
    const isRange = tryParseConstraint(range)
    const message = isRange
      ? `could not locate a version matching provided version string ${range}`
      : cause.message
    throw new HelmRepositoryError('HELM_FETCH', message)
  }
}

function tryParseConstraint(range: string): boolean {
  try {
    parseConstraint(range === '' ? '*' : range)
    return true
  } catch (error) {
    if (error instanceof SemverError) return false
    throw error
  }
}

/** The tag that a version stands under. */
export function ociTagOf(version: string): string {
  return version.replaceAll('+', '_')
}

/**
 * The archive of a version.
 *
 * @param options with `digest`, that manifest is taken, whatever the tag stands for by now.
 * @throws {HelmRepositoryError}
 */
export async function downloadOciChart(
  { client, name, url }: OciChart,
  { version }: ChartVersion,
  { maxBytes, digest }: { readonly maxBytes: number; readonly digest?: string },
): Promise<Uint8Array> {
  const tag = ociTagOf(version)
  try {
    const pulled = await client.pullManifest(digest ?? tag)
    const layer =
      pulled.kind === 'manifest'
        ? pulled.manifest.layers.find(({ mediaType }) => mediaType === mediaTypes.helmChart)
        : undefined
    if (layer) return await client.pullBlob(layer, maxBytes)
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new HelmRepositoryError('HELM_FETCH', `failed to perform "FetchReference" on source`, { cause })
  }
  throw new HelmRepositoryError(
    'HELM_FETCH',
    `manifest of '${url}:${tag}' does not contain a layer with the content of a chart`,
    { cause: new HelmRepositoryError('HELM_FETCH', `chart '${name}'`) },
  )
}

/** Tags that are versions; others are none of Helm's. */
async function listTags({ client, name, url }: OciChart): Promise<readonly string[]> {
  const failed = (why: string): HelmRepositoryError =>
    new HelmRepositoryError('HELM_FETCH', `could not get tags for "${name}": ${why}`)
  try {
    const tags = (await client.listTags()).filter((tag) => tryParseFluxVersion(tag.replaceAll('_', '+')))
    if (tags.length > 0) return tags
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw failed(`could not fetch tags for "${url}": ${orasText(cause)}`)
  }
  throw failed(`unable to locate any tags in provided repository: ${url}`)
}

/** Helm's registry library words the same failures in another way than the library for images. */
function orasText({ message, status }: OciError): string {
  const match = /^(\w+) (\S+): ([A-Z_]+): (.*?)(?:; (.*))?$/s.exec(message)
  if (!match) return message
  const [, method = '', address = '', code = '', text = '', detail] = match
  const words = `${code.toLowerCase().replaceAll('_', ' ')}: ${text}`
  // How many tags a page has is not in its words.
  const place = address.replace(/[?].*$/, '')
  return `${method} "${place}": response status code ${status}: ${words}${detail ? `: ${detail}` : ''}`
}
