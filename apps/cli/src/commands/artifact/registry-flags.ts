import { type Command, Option } from 'commander'

/** How a registry is reached. */
export type RegistryFlags = {
  /** `<username>:<password>`, or a token. */
  readonly creds?: string
  readonly provider: 'generic' | 'aws' | 'azure' | 'gcp'
  /** Plain HTTP. */
  readonly insecureRegistry?: boolean
}

/** `insecure: false` for commands that Flux has without the flag. */
export function addRegistryFlags(
  command: Command,
  { insecure = true }: { readonly insecure?: boolean } = {},
): Command {
  command
    .option('--creds <username:password>', 'credentials for the registry, if the provider is generic')
    .addOption(
      new Option('--provider <name>', 'who runs the registry, for logging in')
        .choices(['generic', 'aws', 'azure', 'gcp'])
        .default('generic'),
    )
  return insecure ? command.option('--insecure-registry', 'without TLS', false) : command
}
