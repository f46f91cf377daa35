import { type Command, Option } from 'commander'
import type { CommandContext, ConnectionFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import { sluiceVersion, toolkitVersion } from '../version.ts'

export type VersionFlags = ConnectionFlags & {
  readonly client: boolean
  readonly output: 'yaml' | 'json'
  /** As which program it was called; as `flux` it says only what Flux says of the client. */
  readonly program: string
}

export function addVersion(program: Command, context: CommandContext): void {
  const command = program
    .command('version')
    .description('print the versions of the client and of the controllers')
    .option('--client', 'only the client', false)
    .addOption(new Option('-o, --output <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
    .action((flags) =>
      versionCommand({ flags: { ...objectFlags(command), ...flags, program: program.name() }, context }),
    )
}

/** `version [--client] [-o json]`. The line `flux` names the release that Sluice is compatible with. */
export async function versionCommand({
  flags,
  context,
}: {
  readonly flags: VersionFlags
  readonly context: CommandContext
}): Promise<void> {
  const versions: Record<string, string> = {
    flux: `v${toolkitVersion}`,
    ...(flags.program === 'flux' ? {} : { sluice: `v${sluiceVersion}` }),
  }
  if (!flags.client) {
    const { cluster } = await context.connect(flags)
    const { body } = await cluster.request({ method: 'GET', path: '/version' }, { signal: context.signal })
    const { gitVersion } = body as { readonly gitVersion?: string }
    if (gitVersion !== undefined) versions['kubernetes'] = gitVersion
  }
  context.terminal.out(
    flags.output === 'json'
      ? `${JSON.stringify(versions, undefined, 2)}\n`
      : Object.entries(versions)
          .map(([name, version]) => `${name}: ${version}\n`)
          .join(''),
  )
}
