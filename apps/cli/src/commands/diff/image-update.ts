import { createGitClient, createGitHubApps } from '@sluice/git'
import { nodeCrypto, systemRandom } from '@sluice/host'
import { previewUpdate, type UpdatePreview } from '@sluice/image-automation-controller'
import {
  decodeImagePolicy,
  decodeImageUpdateAutomation,
  imagePolicyDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../../command-context.ts'
import { commandAt } from '../../command-tree.ts'
import { objectFlags } from '../../flags.ts'
import { cliKind } from '../../kinds.ts'
import { statusLines } from '../../output/terminal.ts'
import { unifiedDiff } from '../../output/unified-diff.ts'
import { reachOutside } from '../../outside.ts'

export function addDiffImageUpdate(group: Command, context: CommandContext): void {
  const command = commandAt(group, 'image update', '[name]')
    .description('print what an ImageUpdateAutomation would commit, without pushing it')
    .action((name: string | undefined) => {
      if (name === undefined) throw new CliError('ImageUpdateAutomation name is required')
      return diffImageUpdate(name, { flags: objectFlags(command), context })
    })
}

/**
 * `diff image update NAME`: the commit that the automation would push now, as a diff with its message.
 *
 * @throws {CliError} when there is something to commit, so that scripts can tell
 */
export async function diffImageUpdate(
  name: string,
  { flags, context }: { readonly flags: ObjectFlags; readonly context: CommandContext },
): Promise<void> {
  const { namespace } = flags
  const { clock } = context
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  await using outside = reachOutside(context, flags)
  const { http } = outside
  const { resource } = cliKind('ImageUpdateAutomation')
  const object = decodeImageUpdateAutomation(await cluster.get(resource, { namespace, name }, { signal }))
  const policies = await cluster.list(resourceOf(imagePolicyDefinition), { namespace, signal })
  const preview = await previewUpdate(object, {
    policies: policies.items.map(decodeImagePolicy),
    cluster,
    git: createGitClient({ http }),
    gitHubApps: createGitHubApps({ http, clock }),
    clock,
    random: systemRandom,
    crypto: nodeCrypto,
    signal,
  })
  const lines = statusLines(context.terminal)
  for (const path of preview.problemFiles) lines.warning(`${path} has markers but cannot be updated`)
  if (preview.message === undefined) {
    lines.success('repository up-to-date')
    return
  }
  context.terminal.out(previewText(preview))
  throw new CliError('identified at least one change, exiting with non-zero exit code')
}

/** A commit as `git show` prints it. */
export function previewText({ branch, refspec, parent, author, message = '', files }: UpdatePreview): string {
  const diffs = files.map(({ path, before, after }) => {
    const names = [`a/${path}`, `b/${path}`] as const
    return `diff --git ${names.join(' ')}\n${unifiedDiff(names, [textOf(before), textOf(after)])}`
  })
  const indented = message
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
  return [
    `commit to ${branch}${refspec === undefined ? '' : `, then push ${refspec}`}`,
    `parent ${parent}`,
    `Author: ${author.name} <${author.email}>`,
    '',
    ...indented,
    '',
    diffs.join(''),
  ].join('\n')
}

function textOf(content: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)
}
