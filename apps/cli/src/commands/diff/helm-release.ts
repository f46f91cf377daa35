import type { Release } from '@sluice/chart'
import type { Cluster } from '@sluice/cluster'
import { compareIds, formatObjectId, idOf } from '@sluice/cluster'
import type { JsonValue, KubeObject } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../../command-context.ts'
import { commandAt } from '../../command-tree.ts'
import { objectFlags } from '../../flags.ts'
import { differencesOf } from '../../output/difference/differences.ts'
import { maskedDrift } from '../../output/difference/mask-drift.ts'
import { reportOf } from '../../output/difference/report.ts'
import { latestRelease } from '../../release-record.ts'
import { readManifest } from '../apply.ts'
import {
  addLocalReleaseFlags,
  buildLocalRelease,
  type LocalRelease,
  type LocalReleaseFlags,
  localRelease,
} from '../local-helm-release.ts'

export type ReleaseDiffFlags = LocalReleaseFlags & {
  /** Another state of the source to compare with, instead of the release in the cluster. */
  readonly against?: string
}

export function addDiffHelmRelease(group: Command, context: CommandContext): void {
  const command = commandAt(group, 'helmrelease', '[name]')
    .alias('hr')
    .description('compare what a HelmRelease would release from local files with its latest release')
    .option(
      '--against <path>',
      'compare with this state of the source instead: nothing is asked of a cluster',
    )
    .action((name: string | undefined, flags: Omit<ReleaseDiffFlags, keyof ObjectFlags>) =>
      diffHelmRelease(name, { flags: { ...objectFlags(command), ...flags }, context }),
    )
  addLocalReleaseFlags(command)
}

/** @throws {CliError} when there are differences, so that scripts can tell */
export async function diffHelmRelease(
  name: string | undefined,
  { flags, context }: { readonly flags: ReleaseDiffFlags; readonly context: CommandContext },
): Promise<void> {
  if (name === undefined) throw new CliError('helmrelease name is required')
  if (flags.path === undefined) throw new CliError('invalid resource path ""')
  const connect = async (): Promise<Cluster> => (await context.connect(flags)).cluster
  const release = await localRelease(name, { flags, context, connect })
  const released =
    flags.against === undefined ? await releasedBefore(release, { connect, flags, context }) : undefined
  const before =
    flags.against === undefined ? objectsOf(released) : buildLocalRelease(release, flags.against, context)
  const after = buildLocalRelease({ ...release, ...(released && { released }) }, flags.path, context)
  const lines = changesOf(before, after)
  context.terminal.out(lines.join(''))
  if (lines.length > 0) {
    throw new CliError('identified at least one change, exiting with non-zero exit code', { isWarning: true })
  }
}

async function releasedBefore(
  { object }: LocalRelease,
  {
    connect,
    flags,
    context,
  }: { connect: () => Promise<Cluster>; flags: ReleaseDiffFlags; context: CommandContext },
): Promise<Release | undefined> {
  if (flags.dryRun) {
    throw new CliError('a dry run has no release to compare with', { nextStep: 'say --against PATH' })
  }
  return await latestRelease(object, {
    cluster: await connect(),
    signal: commandSignal(context, flags),
  })
}

function objectsOf(release: Release | undefined): readonly KubeObject[] {
  if (!release) return []
  const texts = [release.manifest, ...release.hooks.map(({ manifest }) => manifest)]
  return texts.flatMap((text) => readManifest(text, release.name))
}

function changesOf(before: readonly KubeObject[], after: readonly KubeObject[]): readonly string[] {
  const old = new Map(before.map((it) => [formatObjectId(idOf(it)), it]))
  const now = new Set(after.map((it) => formatObjectId(idOf(it))))
  const kept = after.flatMap((desired) => {
    const subject = formatObjectId(idOf(desired))
    const live = old.get(subject)
    if (!live) return [`► ${subject} created\n`]
    const shown = maskedDrift(desired, { live, wouldBe: desired })
    const differences = shown ? differencesOf(shown.live as JsonValue, shown.wouldBe as JsonValue) : []
    return differences.length === 0 ? [] : [`► ${subject} changed\n`, reportOf(differences)]
  })
  const gone = before.map(idOf).filter((id) => !now.has(formatObjectId(id)))
  return [...kept, ...gone.toSorted(compareIds).map((id) => `► ${formatObjectId(id)} deleted\n`)]
}
