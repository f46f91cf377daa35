import { ignoredPointers } from '@sluice/applier'
import {
  ApplyError,
  type Cluster,
  compareIds,
  formatObjectId,
  idOf,
  inventoryDifference,
  inventoryOf,
  type Preview,
  parseInventoryId,
  previewApply,
} from '@sluice/cluster'
import { normalizeObject } from '@sluice/delivery'
import { errorChain, type JsonValue, type KubeObject } from '@sluice/ports'
import { annotations, disabledValue, enabledValue, fieldManagers, type Kustomization } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../../command-context.ts'
import { commandAt } from '../../command-tree.ts'
import { objectFlags, switchValue } from '../../flags.ts'
import { differencesOf } from '../../output/difference/differences.ts'
import { maskedDrift } from '../../output/difference/mask-drift.ts'
import { reportOf } from '../../output/difference/report.ts'
import { existingDirectory } from '../build-directory.ts'
import {
  addLocalFlags,
  buildLocally,
  innerKustomization,
  type LocalFlags,
  type LocalWork,
  liveKustomization,
  localDirectory,
  readKustomization,
} from '../local-kustomization.ts'

export type DiffFlags = LocalFlags & {
  readonly progressBar: boolean
  /** Whether a Kustomization of a file need not be in the cluster. */
  readonly ignoreNotFound: boolean
}

/** Flux's code for what could not be compared; 1 is for differences. */
const failedExitCode = 2
const foundChanges = 'identified at least one change, exiting with non-zero exit code'

/** `diff kustomization` */
export function addDiffKustomization(group: Command, context: CommandContext): void {
  const command = commandAt(group, 'kustomization', '[name]')
    .alias('ks')
    .description('compare a local directory with the cluster by a dry run; exits with 1 when they differ')
    .option('--progress-bar [boolean]', 'tell on a screen what is done', switchValue, true)
    .option('--ignore-not-found', 'the Kustomization of --kustomization-file need not be applied', false)
    .action((name: string | undefined, flags: Omit<DiffFlags, keyof ObjectFlags | 'dryRun'>) =>
      diffCommand(name, { flags: { ...objectFlags(command), ...flags, dryRun: false }, context }),
    )
  addLocalFlags(command)
}

/** @throws {CliError} with exit code 1 when there are differences, 2 when they cannot be found. */
export async function diffCommand(
  name: string | undefined,
  { flags, context }: { readonly flags: DiffFlags; readonly context: CommandContext },
): Promise<void> {
  if (name === undefined) throw new CliError('kustomization name is required')
  let result: Diff
  try {
    result = await diff(name, flags, context)
  } catch (cause) {
    context.signal.throwIfAborted()
    throw new CliError(textOf(cause), { cause, exitCode: failedExitCode })
  }
  if (context.terminal.interactive && flags.progressBar) {
    context.terminal.err('✓  Kustomization diffing...\n')
  }
  context.terminal.out(result.output)
  if (result.isChanged) throw new CliError(foundChanges, { isWarning: true })
}

type Diff = { readonly output: string; readonly isChanged: boolean }

async function diff(name: string, flags: DiffFlags, context: CommandContext): Promise<Diff> {
  if (flags.path === undefined) throw new CliError('invalid resource path ""')
  const directory = existingDirectory(flags.path, context)
  const { cluster } = await context.connect(flags)
  const work: DiffWork = {
    flags,
    context,
    connect: () => Promise.resolve(cluster),
    cluster,
    signal: commandSignal(context, flags),
  }
  return await diffKustomization(await kustomizationOf(name, work), directory, work)
}

type DiffWork = LocalWork & {
  readonly flags: DiffFlags
  readonly cluster: Cluster
  readonly signal: AbortSignal
}

/** A file says what is wanted, the cluster what has been applied. */
async function kustomizationOf(name: string, work: DiffWork): Promise<Kustomization> {
  const { flags, context, cluster } = work
  const local =
    flags.kustomizationFile === undefined ? undefined : readKustomization(name, flags.kustomizationFile, work)
  try {
    const live = await liveKustomization({ namespace: flags.namespace, name }, cluster, context)
    return local ? { ...local, ...(live.status && { status: live.status }) } : live
  } catch (error) {
    if (local && flags.ignoreNotFound && error instanceof CliError) return local
    throw error
  }
}

async function diffKustomization(object: Kustomization, directory: string, work: DiffWork): Promise<Diff> {
  const objects = (await buildLocally(object, directory, work)).map((it) => normalizeObject(it))
  const output: string[] = []
  const failures: unknown[] = []
  const previews: Preview[] = []
  let isChanged = false
  for (const desired of objects) {
    try {
      // In order: the report reads as the build does.
      const preview = await previewApply(desired, applyOptions(object, work))
      previews.push(preview)
      const lines = linesOf(desired, preview)
      output.push(...lines.text)
      const inner = await diffInner(desired, object, { preview, work })
      output.push(...inner.text)
      isChanged ||= lines.isChanged || inner.isChanged
    } catch (error) {
      if (!(error instanceof ApplyError || error instanceof CliError)) throw error
      failures.push(error)
    }
  }
  if (failures.length > 0) throw allOf(failures)
  const stale = staleObjects(object, previews)
  output.push(...stale.map((id) => `► ${id} deleted\n`))
  return { output: output.join(''), isChanged: isChanged || stale.length > 0 }
}

function applyOptions({ spec }: Kustomization, { cluster, context, signal }: DiffWork) {
  return {
    cluster,
    clock: context.clock,
    signal,
    fieldManager: fieldManagers.kustomizeControllerApply,
    forced: { [annotations.force]: enabledValue },
    excluded: { [annotations.reconcile]: disabledValue, [annotations.ssa]: 'Ignore' },
    ifNotPresent: { [annotations.ssa]: 'IfNotPresent' },
    ignoredPointers: ignoredPointers(spec.ignore ?? []),
  }
}

type Lines = { readonly text: readonly string[]; readonly isChanged: boolean }
const nothing: Lines = { text: [], isChanged: false }

function linesOf(desired: KubeObject, { change, drift }: Preview): Lines {
  const subject = formatObjectId(change.id)
  if (change.action === 'skipped') return { text: [`► ${subject} skipped\n`], isChanged: false }
  if (change.action === 'created') return { text: [`► ${subject} created\n`], isChanged: true }
  const shown = drift && maskedDrift(desired, drift)
  if (!shown) return nothing
  const differences = differencesOf(shown.live as JsonValue, shown.wouldBe as JsonValue)
  return { text: [`► ${subject} drifted\n`, reportOf(differences)], isChanged: true }
}

/** What a Kustomization among the objects would change in turn; one that is not there yet is only created. */
async function diffInner(
  desired: KubeObject,
  object: Kustomization,
  { preview, work }: { readonly preview: Preview; readonly work: DiffWork },
): Promise<Lines> {
  const child = work.flags.recursive ? innerKustomization(desired, object, work) : undefined
  if (!child || preview.change.action === 'created') return nothing
  const subject = formatObjectId(idOf(desired))
  if (child.spec.kubeConfig) {
    return { text: [`⚠️ ${subject} skipped: diff not supported for remote clusters\n`], isChanged: false }
  }
  const directory = localDirectory(child, work)
  const { name = '', namespace = object.metadata.namespace ?? work.flags.namespace } = child.metadata
  const live = await liveKustomization({ namespace, name }, work.cluster, work.context)
  const { output, isChanged } = await diffKustomization(live, directory, work)
  return isChanged ? { text: [`📁 ${subject} changed\n`, output], isChanged } : nothing
}

function staleObjects({ spec, status }: Kustomization, previews: readonly Preview[]): readonly string[] {
  if (!spec.prune) return []
  const entries = inventoryOf(previews.map(({ change }) => change))
  return inventoryDifference(status?.inventory?.entries ?? [], entries)
    .map(({ id }) => parseInventoryId(id))
    .toSorted(compareIds)
    .map(formatObjectId)
}

/** Several errors in one, as Flux joins them. */
function allOf(failures: readonly unknown[]): CliError {
  const texts = [...new Set(failures.map(textOf))]
  return new CliError(texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`)
}

/** A command's own errors have their causes in the message. */
function textOf(error: unknown): string {
  return error instanceof CliError ? error.message : errorChain(error)
}
