import { pushArtifact } from '@sluice/oci'
import { printYaml } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../../command-context.ts'
import { objectFlags } from '../../flags.ts'
import { statusLines } from '../../output/terminal.ts'
import { addFileFlags, addSymlinkFlag, type FileFlags, localFiles, packFiles } from './local-files.ts'
import { openRegistry } from './open-registry.ts'
import { explained } from './registry-failure.ts'
import { addRegistryFlags, type RegistryFlags } from './registry-flags.ts'

type PushFlags = FileFlags &
  RegistryFlags & {
    readonly source?: string
    readonly revision?: string
    readonly annotations: readonly string[]
    readonly output?: string
    readonly reproducible: boolean
  }

export function addPush(program: Command, context: CommandContext): void {
  const group = program.command('push').description('push artifacts')
  const command = group.command('artifact [url]').description('push a directory or a file as an artifact')
  addSymlinkFlag(addFileFlags(addRegistryFlags(command), { short: '-f, ' }))
    .option('--source <address>', 'where the files come from, such as the URL of a Git repository')
    .option('--revision <revision>', 'what they are there, such as main@sha1:<commit>')
    .option('-a, --annotations <key=value>', 'annotation of the artifact', collect, [])
    .option('-o, --output <format>', 'print what was pushed as json or yaml')
    .option('--reproducible', 'with 1970-01-01T00:00:00Z as the time of creation', false)
    .option('--debug', 'accepted for compatibility', false)
    .action((url: string | undefined, flags: PushFlags) =>
      pushCommand(url, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

type Options = { readonly flags: ObjectFlags & PushFlags; readonly context: CommandContext }

/** @throws {CliError} */
async function pushCommand(url: string | undefined, { flags, context }: Options): Promise<void> {
  if (url === undefined) throw new CliError('artifact URL is required')
  if (!flags.source) throw new CliError('--source is required')
  if (!flags.revision) throw new CliError('--revision is required')
  const annotations = annotationsOf(flags, context)
  const lines = statusLines(context.terminal)
  const tree = await localFiles(flags, context)
  await using registry = await openRegistry(url, { flags, context })
  if (!flags.output) lines.action(`pushing artifact to ${registry.url}`)
  const { client, repository, reference } = registry
  const { tag = 'latest' } = reference
  const content = await packFiles(tree, flags)
  const digest = await explained('pushing artifact failed', () =>
    pushArtifact(client, tag, { content, annotations }),
  )
  const pushed = { url: `oci://${repository}@${digest}`, repository, tag, digest }
  if (flags.output === 'json') context.terminal.out(`${JSON.stringify(pushed, null, 2)}\n`)
  else if (flags.output === 'yaml') context.terminal.out(printYaml(pushed))
  else lines.success(`artifact successfully pushed to ${repository}@${digest}`)
}

function annotationsOf(
  { source = '', revision = '', annotations, reproducible }: PushFlags,
  { clock }: CommandContext,
): Readonly<Record<string, string>> {
  const created = new Date(reproducible ? 0 : clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const own = annotations.map((annotation) => {
    const [key = '', value, ...more] = annotation.split('=')
    if (value !== undefined && more.length === 0) return [key, value] as const
    throw new CliError(`invalid annotation ${annotation}, must be in the format key=value`)
  })
  return {
    'org.opencontainers.image.created': created,
    'org.opencontainers.image.revision': revision,
    'org.opencontainers.image.source': source,
    ...Object.fromEntries(own),
  }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
