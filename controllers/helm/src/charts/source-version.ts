import { parseVersion, SemverError, type SemverVersion } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import { type Artifact } from '@sluice/toolkit'
import type { ChartSourceKind } from './chart-source.ts'

/** A chart's version and its artifact's revision do not go together. */
export class ChartVersionError extends ToolkitError {
  override readonly name = 'ChartVersionError'

  constructor(message: string) {
    super('CHART_VERSION', message)
  }
}

/** A chart's version as it is released, and the digest of the artifact where its source has one. */
export type SourceVersion = { readonly version: string; readonly digest: string | undefined }

const digestLength = 12

/**
 * The version of a chart, with the beginning of its artifact's digest behind it where tags may move, so that a tag that
 * moved is another version.
 *
 * Source: helm-controller of Flux 2.9.
 * @throws {ChartVersionError}
 */
export function sourceVersion(
  version: string,
  { kind, artifact }: { readonly kind: ChartSourceKind; readonly artifact: Pick<Artifact, 'revision'> },
  { tracksDigests }: { readonly tracksDigests: boolean },
): SourceVersion {
  const { revision } = artifact
  if (kind === 'HelmChart' || (kind === 'ExternalArtifact' && !revision.includes(':'))) {
    return { version, digest: undefined }
  }
  const parsed = tryVersion(version)
  if (!parsed) throw new ChartVersionError(`invalid chart version ${version}`)
  const digest = digestOf(revision, { version, parsed })
  if (!tracksDigests) return { version, digest }
  const { major, minor, patch, prerelease } = parsed
  const core = `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}`
  return { version: `${core}+${shortened(digest)}`, digest }
}

/** The digest in a revision; after a tag that is a version, that has to be the chart's. */
function digestOf(
  revision: string,
  { version, parsed }: { readonly version: string; readonly parsed: SemverVersion },
): string {
  const [tag = '', ...rest] = revision.split('@')
  // Registries allow no plus sign in tags.
  const tagged = tryVersion(revision.includes('@') ? tag.replaceAll('_', '+') : revision)
  if (!tagged) return revision
  const [digest] = rest
  if (rest.length !== 1 || digest === undefined || !isSame(tagged, parsed)) {
    throw new ChartVersionError(`artifact revision ${tag} does not match chart version ${version}`)
  }
  return digest
}

function shortened(digest: string): string {
  const [, hex, ...more] = digest.split(':')
  if (hex === undefined || more.length > 0 || hex.length < digestLength) {
    throw new ChartVersionError(`invalid artifact revision ${digest}`)
  }
  return hex.slice(0, digestLength)
}

/** Equal but for metadata, which does not count when versions are compared. */
function isSame(a: SemverVersion, b: SemverVersion): boolean {
  return a.major === b.major && a.minor === b.minor && a.patch === b.patch && a.prerelease === b.prerelease
}

function tryVersion(text: string): SemverVersion | undefined {
  try {
    return parseVersion(text)
  } catch (error) {
    if (error instanceof SemverError) return undefined
    throw error
  }
}
