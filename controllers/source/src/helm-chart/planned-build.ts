import { parseVersion, SemverError } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import type { ChartBuild, ChartWork } from './chart-work.ts'
import { valuesFilesOf } from './values-files.ts'

/** What is about to be made. */
export type PlannedBuild = Pick<ChartBuild, 'name' | 'version' | 'isPackaged' | 'verification'>

/** The build as it is stored, if that is what is planned and nothing in the object has changed. */
export async function storedBuild(
  { run, deps }: ChartWork,
  planned: PlannedBuild,
): Promise<ChartBuild | undefined> {
  const { status = {}, metadata } = run.object
  const { artifact } = run.status
  const isStored =
    artifact !== undefined &&
    artifact.revision === planned.version &&
    status.observedChartName === planned.name &&
    (await deps.store.has({ ...artifact, size: artifact.size ?? 0 }))
  if (!isStored || metadata.generation !== status.observedGeneration) return undefined
  return { ...planned, valuesFiles: status.observedValuesFiles ?? valuesFilesOf(run.object) }
}

/** `text` with metadata in the place where versions have theirs. @throws {ToolkitError} */
export function withVersionMetadata(text: string, metadata: string): string {
  if (metadata === '') return text
  try {
    const { major, minor, patch, prerelease } = parseVersion(text)
    return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}+${metadata}`
  } catch (cause) {
    if (!(cause instanceof SemverError)) throw cause
    throw new ToolkitError('CHART_VERSION', 'failed to parse version from chart metadata as SemVer', {
      cause,
    })
  }
}
