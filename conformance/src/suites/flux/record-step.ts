import { join } from 'node:path'
import { isApiError } from '@sluice/cluster'
import { Mismatch } from '../../suite.ts'
import { compareCliRecords, isCliRecord } from './cli-record.ts'
import { type Live, recordedObject } from './compare/live.ts'
import type { Environment } from './environment.ts'
import { compareAnswers, type KnownArtifacts, rememberArtifacts } from './gone-artifacts.ts'
import { compareRecorded, recordedFiles } from './record.ts'
import type { Scenario } from './steps.ts'
import { isPassing } from './timeline/moment.ts'
import type { Moments } from './timeline/moments.ts'

/** Outcome of one comparison or step by its name; `undefined` where ours equals the recorded one. */
export type Outcomes = ReadonlyMap<string, string | undefined>

/** A scenario that is being played. */
export type Play = {
  readonly folder: string
  /** Where the paths of its steps begin: the same folder, or a copy for our addresses. */
  readonly inputs: string
  readonly scenario: Scenario
  readonly environment: Environment
  /** Our commits and the recorded ones. */
  readonly commits: Map<string, string>
  /** Objects that were asked to be reconciled. */
  readonly requested: Set<string>
  readonly artifacts: KnownArtifacts
  /** What the records show of the past. */
  readonly moments: Moments
  /** When the recording came to its end, in milliseconds since the epoch: what takes longer was not recorded. */
  readonly endsAt: number
  readonly outcomes: Map<string, string | undefined>
}

const recheckMs = 2_000

/** Follows the kinds whose objects are recorded, as soon as the cluster has them. */
export async function followRecorded({
  folder,
  environment,
}: Pick<Play, 'folder' | 'environment'>): Promise<void> {
  const { cluster, signal, timeline } = environment
  const kinds = new Map(
    objectsIn(join(folder, 'expected')).map(({ apiVersion, kind }) => [
      `${apiVersion} ${kind}`,
      { apiVersion, kind },
    ]),
  )
  for (const { apiVersion, kind } of kinds.values()) {
    try {
      timeline.follow(await cluster.resourceFor(apiVersion, kind, { signal }))
    } catch (error) {
      if (!isApiError(error, 'NoKindMatch')) throw error
    }
  }
}

/**
 * Compares a record. What is not there yet is waited for as long as the recording took, since nobody wrote down when the
 * record was made; what was recorded at work is not waited for.
 */
export async function playRecord(record: string, play: Play): Promise<void> {
  const { environment, folder, artifacts, moments, endsAt, outcomes } = play
  const expected = join(folder, 'expected', record)
  const live = liveOf(play)
  let files = recordedFiles(expected)
  // They come first: what else is recorded is the state that they leave.
  const commands = files.filter((file) => isCliRecord(expected, file))
  if (commands.length > 0) {
    await environment.settle()
    const run = { ...live, workingDirectory: play.inputs }
    for (const [file, outcome] of await compareCliRecords(expected, commands, run)) {
      outcomes.set(`${record}/${file}`, outcome)
    }
    files = files.filter((it) => !commands.includes(it))
  }
  const passing = new Set(objectsIn(expected).filter(isPassing).map(nameOf))
  await environment.settle((object) => passing.has(nameOf(object)))
  const place = { environment, namespace: play.scenario.namespace }
  if (files.includes('http.txt')) {
    const outcome = await outcomeOf(() => compareAnswers(expected, artifacts, place))
    outcomes.set(`${record}/http.txt`, outcome)
    files = files.filter((it) => it !== 'http.txt')
  }
  await rememberArtifacts(artifacts, environment, place.namespace)
  const end = Math.max(endsAt, Date.now() + recheckMs)
  for (;;) {
    files = await compareFiles(files, { record, expected, live, outcomes })
    const leftMs = end - Date.now()
    if (files.length === 0 || leftMs <= 0) break
    await environment.change(Math.min(recheckMs, leftMs))
  }
  moments.next()
}

/** Returns the files that differ. */
async function compareFiles(
  files: readonly string[],
  {
    record,
    expected,
    live,
    outcomes,
  }: {
    readonly record: string
    readonly expected: string
    readonly live: Live
    readonly outcomes: Map<string, string | undefined>
  },
): Promise<string[]> {
  const different: string[] = []
  for (const file of files) {
    // Sequential: reading must not race with itself for the same connection.
    const outcome = await outcomeOf(() => compareRecorded(expected, file, live))
    outcomes.set(`${record}/${file}`, outcome)
    if (outcome !== undefined) different.push(file)
  }
  return different
}

function liveOf({ scenario, environment, commits, requested, moments }: Play): Live {
  const { cluster, kubectl, helm, timeline, fetchArtifact, artifactDirectory, gitDirectory, signal } =
    environment
  const { namespace } = scenario
  return {
    cluster,
    kubectl,
    helm,
    namespace,
    commits,
    requested,
    timeline,
    moments,
    fetchArtifact,
    artifactDirectory,
    gitDirectory,
    signal,
  }
}

function objectsIn(folder: string): ReturnType<typeof recordedObject>[] {
  return recordedFiles(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => recordedObject(join(folder, file)))
}

function nameOf({
  kind,
  metadata: { namespace = '', name = '' },
}: ReturnType<typeof recordedObject>): string {
  return `${kind} ${namespace}/${name}`
}

async function outcomeOf(compare: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await compare()
  } catch (error) {
    if (error instanceof Mismatch) return error.message
    return String(error)
  }
}
