import { errorChain } from '@sluice/ports'
import type { ToolkitObject } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import type { CliKind } from '../kinds.ts'
import { type StatusLines, statusLines } from '../output/terminal.ts'
import { selectByName } from '../select-objects.ts'
import { type Wait, waitUntilReady } from '../wait-for.ts'
import { addPerKind } from './per-kind.ts'
import { setSuspended } from './suspend.ts'

export type ResumeFlags = ObjectFlags & {
  readonly all: boolean
  /** Whether to wait for reconciliation; for a single object Flux does when it is not said. */
  readonly wait: boolean | undefined
}

export function addResume(program: Command, context: CommandContext): void {
  const resume = program
    .command('resume')
    .description('go on reconciling suspended objects')
    .option('--all', 'all objects of the kind in the namespace', false)
    .option('--wait', 'wait until they are reconciled; a single object is always waited for')
  addPerKind(resume, { verb: 'suspend', parameters: '[name...]' }, (command, kind) => {
    command.description(`resume ${kind.kind} objects`).action((names: string[]) => {
      const { all, wait } = command.optsWithGlobals<{ all: boolean; wait?: boolean }>()
      return resumeCommand(kind, names, { flags: { ...objectFlags(command), all, wait }, context })
    })
  })
}

/** `resume KIND NAME… | --all`. @throws {CliError} when one of them does not become ready. */
export async function resumeCommand(
  kind: CliKind,
  names: readonly string[],
  { flags, context }: { readonly flags: ResumeFlags; readonly context: CommandContext },
): Promise<void> {
  if (names.length === 0 && !flags.all) throw new CliError(`${kind.humanName} name is required`)
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const lines = statusLines(context.terminal)
  const { namespace } = flags
  const resumed: string[] = []
  const wanted: readonly (string | undefined)[] = names.length === 0 ? [undefined] : [...new Set(names)]
  for (const name of wanted) {
    // Sequential: the lines of one object stay together.
    const objects = await selectByName(cluster, kind, {
      namespace,
      signal,
      ...(name !== undefined && { name }),
    })
    if (objects.length === 0) lines.failure(nothingFound(kind, name, namespace))
    for (const { metadata } of objects) {
      const object = { namespace, name: metadata.name ?? '' }
      lines.action(`resuming ${kind.humanName} ${object.name} in ${namespace} namespace`)
      await setSuspended(cluster, kind, { ...object, suspend: false, signal })
      lines.success(`${kind.humanName} resumed`)
      resumed.push(object.name)
    }
  }
  if (flags.wait ?? names.length === 1) {
    await waitForAll(kind, resumed, { namespace, lines, wait: { cluster, signal } })
  }
}

type Waiting = { readonly namespace: string; readonly lines: StatusLines; readonly wait: Wait }

async function waitForAll(
  kind: CliKind,
  names: readonly string[],
  { namespace, lines, wait }: Waiting,
): Promise<void> {
  const outcomes = await Promise.all(
    names.toSorted().map(async (name) => {
      lines.waiting(`waiting for ${kind.kind} reconciliation`)
      try {
        return { name, object: await waitUntilReady(kind, { namespace, name }, wait) }
      } catch (error) {
        return { name, error }
      }
    }),
  )
  for (const outcome of outcomes) tell(kind, outcome, lines)
  const failed = outcomes.filter((it) => 'error' in it).length
  if (failed > 0) throw new CliError(`reconciliation failed for ${failed} ${kind.kind}(s)`)
}

function tell(
  { kind, reconciled }: CliKind,
  outcome: { readonly name: string; readonly object?: ToolkitObject; readonly error?: unknown },
  lines: StatusLines,
): void {
  if (outcome.object === undefined) {
    lines.failure(`${kind} ${outcome.name} reconciliation failed: ${errorChain(outcome.error)}`)
    return
  }
  lines.success(`${kind} ${outcome.name} reconciliation completed`)
  lines.success(reconciled(outcome.object))
}

function nothingFound({ kind }: CliKind, name: string | undefined, namespace: string): string {
  return name === undefined
    ? `no ${kind} objects found in ${namespace} namespace`
    : `${kind} object '${name}' not found in ${namespace} namespace`
}
