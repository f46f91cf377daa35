import { type Command, Option } from 'commander'
import { commaSeparated } from '../flags.ts'

/** Helm's flags, by its names. */
export type TemplateFlags = {
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
  readonly skipCrds: boolean
  readonly skipTests: boolean
  readonly showOnly: readonly string[]
  /** `--no-hooks` makes it false. */
  readonly hooks: boolean
  readonly isUpgrade: boolean
  readonly skipSchemaValidation: boolean
  readonly outputDir?: string
  /** Whether the release's name is part of the paths in `outputDir`. */
  readonly releaseName: boolean
  readonly dryRun?: string | true
  readonly debug: boolean
}

/** Flags that Helm's command has in common with `helm install`, and that say nothing about what is rendered. */
const withoutEffect = [
  '--create-namespace',
  '--dependency-update',
  '--description <text>',
  '--disable-openapi-validation',
  '--enable-dns',
  '--force-conflicts',
  '--force-replace',
  '-l, --labels <labels>',
  '--replace',
  '--rollback-on-failure',
  '--server-side [value]',
  '--take-ownership',
  '--wait [strategy]',
  '--wait-for-jobs',
]

/** Adds the flags of `helm template` that need neither a cluster nor a repository. */
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
    .option('--skip-crds', 'leave those CRDs out in any case', false)
    .option('--skip-tests', 'leave tests out', false)
    .option('-s, --show-only <templates>', 'only these templates', each, [])
    .option('--no-hooks', 'leave hooks out')
    .option('--is-upgrade', 'render an upgrade instead of an installation', false)
    .option('--skip-schema-validation', 'do not check values against the schema of the chart', false)
    .option('--output-dir <directory>', 'write what is rendered to files there')
    .option('--release-name', "put the release's name into the paths of those files", false)
    .option('--dry-run [client]', 'the only way there is here')
    .option('--debug', 'print also what is not valid YAML', false)
  for (const flags of withoutEffect) command.addOption(new Option(flags, 'has no effect here').hideHelp())
  return command
}

function addValueFlags(command: Command): Command {
  return command
    .option('-f, --values <files>', 'files of values; - is standard input', commaSeparated, [])
    .option('--set <key=value>', 'values, parted by commas', each, [])
    .option('--set-string <key=value>', 'values that are texts', each, [])
    .option('--set-file <key=path>', 'values that are the content of files', each, [])
    .option('--set-json <key=json>', 'values as JSON', each, [])
    .option('--set-literal <key=value>', 'one value, taken as it is', each, [])
}

function each(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}
