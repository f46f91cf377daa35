import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { commaSeparated } from '../flags.ts'

/** Flags that say where a chart comes from which is not here, by Helm's names. */
export type ChartFlags = {
  readonly repo?: string
  readonly repositoryConfig?: string
  readonly version?: string
  readonly devel?: boolean
  readonly username?: string
  readonly password?: string
  readonly passCredentials?: boolean
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  readonly insecureSkipTlsVerify?: boolean
  readonly plainHttp?: boolean
  /** Milliseconds. */
  readonly timeout: number
}

/** Helm's flags, by its names. */
export type TemplateFlags = ChartFlags & {
  readonly namespace: string
  readonly values: readonly string[]
  readonly set: readonly string[]
  readonly setString: readonly string[]
  readonly setFile: readonly string[]
  readonly setJson: readonly string[]
  readonly setLiteral: readonly string[]
  readonly apiVersions: readonly string[]
  readonly kubeVersion?: string
  readonly nameTemplate?: string
  readonly generateName: boolean
  readonly includeCrds: boolean
  readonly skipTests: boolean
  readonly showOnly: readonly string[]
  /** `--no-hooks` makes it false. */
  readonly hooks: boolean
  readonly isUpgrade: boolean
  readonly skipSchemaValidation: boolean
  readonly outputDir?: string
  /** Whether the release's name is part of the paths in `outputDir`. */
  readonly releaseName: boolean
  readonly debug: boolean
}

/** Flags of Helm that say nothing about what is rendered here: of an installation, of a cluster, of caches. */
const withoutEffect = [
  '--atomic',
  '--burst-limit <number>',
  '--color <when>',
  '--colour <when>',
  '--content-cache <directory>',
  '--create-namespace',
  '--dependency-update',
  '--description <text>',
  '--disable-openapi-validation',
  '--enable-dns',
  '--force',
  '--force-conflicts',
  '--force-replace',
  '--hide-notes',
  '--keyring <path>',
  '--kube-apiserver <address>',
  '--kube-as-group <group>',
  '--kube-as-user <name>',
  '--kube-ca-file <path>',
  '--kube-context <name>',
  '--kube-insecure-skip-tls-verify',
  '--kube-tls-server-name <name>',
  '--kube-token <token>',
  '-l, --labels <labels>',
  '--qps <number>',
  '--registry-config <path>',
  '--render-subchart-notes',
  '--replace',
  '--repository-cache <directory>',
  '--rollback-on-failure',
  '--server-side',
  '--skip-crds',
  '--take-ownership',
  '--wait [strategy]',
  '--wait-for-jobs',
]

/** What cannot be had, and why. */
const refused: readonly (readonly [flags: string, reason: string])[] = [
  ['--validate', 'asks a cluster, and template does without'],
  ['--verify', 'needs a keyring of OpenPGP, which is not read here'],
  ['--post-renderer <name>', 'runs a plugin of Helm, of which there are none here'],
  ['--post-renderer-args <argument>', 'is for plugins of Helm, of which there are none here'],
]

/** Adds the flags of `helm template`. */
export function addTemplateFlags(command: Command): Command {
  addValueFlags(command)
    .option(
      '-a, --api-versions <versions>',
      'API versions that the cluster is said to have',
      commaSeparated,
      [],
    )
    .option('--kube-version <version>', 'version that Kubernetes is said to have')
    .option('--name-template <template>', "template of the release's name, instead of NAME")
    .option('-g, --generate-name', 'do without NAME', false)
    .option('--include-crds', "print the CRDs of the chart's crds directory too", false)
    .option('--skip-tests', 'leave tests out', false)
    .option('-s, --show-only <templates>', 'only these templates', each, [])
    .option('--no-hooks', 'leave hooks out')
    .option('--is-upgrade', 'render an upgrade instead of an installation', false)
    .option('--skip-schema-validation', 'do not check values against the schema of the chart', false)
    .option('--output-dir <directory>', 'write what is rendered to files there')
    .option('--release-name', "put the release's name into the paths of those files", false)
    .option('--debug', 'print also what is not valid YAML', false)
    .addOption(
      new Option('--dry-run [client]', 'the only way there is here').preset('unset').argParser(dryRun),
    )
  addChartFlags(command)
  for (const [flags, reason] of refused) {
    const name = flags.replace(/ .*/, '')
    const refuse = (): never => {
      throw new CliError(`${name} ${reason}`)
    }
    // A switch is given its preset only where it is used.
    command.addOption(new Option(flags, reason).preset('').argParser(refuse).hideHelp())
  }
  for (const flags of withoutEffect) command.addOption(new Option(flags, 'has no effect here').hideHelp())
  return command
}

function addValueFlags(command: Command): Command {
  return command
    .option('-f, --values <files>', 'files or URLs of values; - is standard input', commaSeparated, [])
    .option('--set <key=value>', 'values, parted by commas', each, [])
    .option('--set-string <key=value>', 'values that are texts', each, [])
    .option('--set-file <key=path>', 'values that are the content of files', each, [])
    .option('--set-json <key=json>', 'values as JSON', each, [])
    .option('--set-literal <key=value>', 'one value, taken as it is', each, [])
}

/** Where a chart comes from that is not here. */
function addChartFlags(command: Command): Command {
  return command
    .option('--repo <url>', 'chart repository to look for the chart in')
    .option('--repository-config <path>', "Helm's file of known repositories")
    .option('--version <range>', 'version of the chart, or a range of them; the latest without')
    .option('--devel', 'take development versions too', false)
    .option('--username <name>', 'user name for the repository')
    .option('--password <password>', 'password for the repository')
    .option('--pass-credentials', 'send them to all hosts that the repository names', false)
    .option('--ca-file <path>', 'CA of the repository')
    .option('--cert-file <path>', 'client certificate for the repository')
    .option('--key-file <path>', 'key of the client certificate')
    .option('--insecure-skip-tls-verify', 'accept any certificate of the repository', false)
    .option('--plain-http', 'reach a registry without TLS', false)
}

function dryRun(value: string): string {
  if (['unset', 'client', 'true'].includes(value)) return value
  if (value === 'server') {
    throw new CliError('--dry-run=server asks a cluster, and template does without', {
      nextStep: 'leave the flag out, or see what `diff` can do',
    })
  }
  throw new CliError(`invalid dry-run value ("${value}"). Must be "server" or "client"`)
}

function each(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}
