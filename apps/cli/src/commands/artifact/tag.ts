import { isOciTag } from '@sluice/oci'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../../command-context.ts'
import { commaSeparated, objectFlags } from '../../flags.ts'
import { statusLines } from '../../output/terminal.ts'
import { openRegistry } from './open-registry.ts'
import { explained } from './registry-failure.ts'
import { addRegistryFlags, type RegistryFlags } from './registry-flags.ts'

type TagFlags = RegistryFlags & { readonly tag: readonly string[] }

export function addTag(program: Command, context: CommandContext): void {
  const group = program.command('tag').description('tag artifacts')
  const command = group.command('artifact [url]').description('give an artifact more tags')
  addRegistryFlags(command, { insecure: false })
    .option('--tag <name>', 'tag to give', commaSeparated, [])
    .action((url: string | undefined, flags: TagFlags) =>
      tagCommand(url, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

type Options = { readonly flags: ObjectFlags & TagFlags; readonly context: CommandContext }

/** @throws {CliError} */
async function tagCommand(url: string | undefined, { flags, context }: Options): Promise<void> {
  if (url === undefined) throw new CliError('artifact name is required')
  if (flags.tag.length === 0) throw new CliError('--tag is required')
  const wrong = flags.tag.find((it) => !isOciTag(it))
  if (wrong !== undefined) throw new CliError(`tagging artifact failed: '${wrong}' is not a tag`)
  const lines = statusLines(context.terminal)
  await using registry = await openRegistry(url, { flags, context })
  lines.action('tagging artifact')
  const { client, repository, reference } = registry
  for (const tag of flags.tag) {
    // In the order in which they are named.
    await explained('tagging artifact failed', async () => {
      const pulled = await client.pullManifest(reference.digest ?? reference.tag ?? 'latest')
      await client.pushManifest(tag, pulled.bytes, pulled.mediaType)
    })
    lines.success(`artifact tagged as ${repository}:${tag}`)
  }
}
