import { compileRegexp, parseConstraint, tryParseFluxVersion } from '@sluice/go'
import { compareUtf8, errorChain, ToolkitError } from '@sluice/ports'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext, ObjectFlags } from '../../command-context.ts'
import { objectFlags } from '../../flags.ts'
import { formatTable } from '../../output/table.ts'
import { type OpenRegistry, openRegistry } from './open-registry.ts'
import { explained } from './registry-failure.ts'
import { addRegistryFlags, type RegistryFlags } from './registry-flags.ts'

type ListFlags = RegistryFlags & { readonly filterSemver?: string; readonly filterRegex?: string }

/** Manifests that are asked for at the same time. */
const concurrency = 8
/** Tags under which cosign keeps what belongs to another. */
const attachments = /\.(?:att|sbom|sig)$/

export function addList(program: Command, context: CommandContext): void {
  const group = program.command('list').description('list artifacts')
  const command = group
    .command('artifacts [url]')
    .alias('artifact')
    .description('list the artifacts of a repository')
  addRegistryFlags(command)
    .option('--filter-semver <range>', 'only tags that are versions in this range')
    .option('--filter-regex <expression>', 'only tags that match')
    .action((url: string | undefined, flags: ListFlags) =>
      listCommand(url, { flags: { ...objectFlags(command), ...flags }, context }),
    )
}

type Options = { readonly flags: ObjectFlags & ListFlags; readonly context: CommandContext }

/** @throws {CliError} */
async function listCommand(url: string | undefined, { flags, context }: Options): Promise<void> {
  if (url === undefined) throw new CliError('artifact repository URL is required')
  const isWanted = filterOf(flags)
  await using registry = await openRegistry(url, { flags, context })
  const all = await explained('listing tags failed', () => registry.client.listTags())
  const tags = all.filter(isWanted).toSorted((a, b) => compareUtf8(b, a))
  const rows: (readonly string[])[] = Array.from({ length: tags.length }, () => [])
  const waiting = [...tags.entries()]
  const next = async (): Promise<void> => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      rows[entry[0]] = await describe(registry, entry[1])
    }
  }
  await explained('fetching manifest failed', async () => {
    await Promise.all(Array.from({ length: concurrency }, next))
  })
  context.terminal.out(formatTable(['ARTIFACT', 'DIGEST', 'SOURCE', 'REVISION'], rows))
}

async function describe({ client, repository }: OpenRegistry, tag: string): Promise<readonly string[]> {
  const pulled = await client.pullManifest(tag)
  const annotations = pulled.kind === 'manifest' ? pulled.manifest.annotations : {}
  return [
    `${repository}:${tag}`,
    pulled.digest,
    annotations['org.opencontainers.image.source'] ?? '',
    annotations['org.opencontainers.image.revision'] ?? '',
  ]
}

function filterOf({ filterSemver, filterRegex }: ListFlags): (tag: string) => boolean {
  const range = filterSemver
    ? parsed(`semver '${filterSemver}' parse error`, () => parseConstraint(filterSemver))
    : undefined
  const expression = filterRegex
    ? parsed(`regex '${filterRegex}' parse error`, () => compileRegexp(filterRegex))
    : undefined
  return (tag) => {
    if (attachments.test(tag)) return false
    const version = range && tryParseFluxVersion(tag)
    if (range && !(version && range.check(version))) return false
    return expression?.test(tag) ?? true
  }
}

function parsed<T>(message: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (cause instanceof ToolkitError) throw new CliError(`${message}: ${errorChain(cause)}`, { cause })
    throw cause
  }
}
