import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Chart,
  ChartError,
  checkReleaseName,
  defaultCapabilities,
  loadChartArchive,
  loadChartDirectory,
  parseKubeVersion,
  renderChart,
  templateText,
  userValues,
} from '@sluice/chart'
import { diskFileTree, hostCompression, nodeCrypto, systemRandom } from '@sluice/host'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { examples } from '../command-tree.ts'
import { commaSeparated, type GlobalOptions } from '../flags.ts'

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
  readonly includeCrds: boolean
  readonly skipTests: boolean
  readonly showOnly: readonly string[]
  /** `--no-hooks` makes it false. */
  readonly hooks: boolean
  readonly isUpgrade: boolean
  readonly skipSchemaValidation: boolean
}

const nameWithoutOne = 'release-name'

export function addTemplate(program: Command, context: CommandContext): void {
  program
    .command('template <name-or-chart> [chart]')
    .description('render a Helm chart as `helm template` does')
    .option('-f, --values <files>', 'files of values', commaSeparated, [])
    .option('--set <key=value>', 'values, parted by commas', each, [])
    .option('--set-string <key=value>', 'values that are texts', each, [])
    .option('--set-file <key=path>', 'values that are the content of files', each, [])
    .option('--set-json <key=json>', 'values as JSON', each, [])
    .option('--set-literal <key=value>', 'one value, taken as it is', each, [])
    .option(
      '-a, --api-versions <versions>',
      'API versions that the cluster is said to have',
      commaSeparated,
      [],
    )
    .option('--kube-version <version>', 'version that Kubernetes is said to have')
    .option('--include-crds', "print the CRDs of the chart's crds directory too", false)
    .option('--skip-tests', 'leave tests out', false)
    .option('-s, --show-only <templates>', 'only these templates', each, [])
    .option('--no-hooks', 'leave hooks out')
    .option('--is-upgrade', 'render an upgrade instead of an installation', false)
    .option('--skip-schema-validation', 'do not check values against the schema of the chart', false)
    .addHelpText(
      'after',
      examples(program.name(), ['template podinfo ./charts/podinfo --set replicaCount=2']),
    )
    .action((first: string, second: string | undefined, flags: Omit<TemplateFlags, 'namespace'>) => {
      const { namespace = 'default' } = program.opts<GlobalOptions>()
      const [name, chart] = second === undefined ? [nameWithoutOne, first] : [first, second]
      templateCommand(name, chart, { flags: { ...flags, namespace }, context })
    })
}

/** `template [NAME] CHART`: a chart's directory or archive. @throws {CliError} {@link ChartError} */
export function templateCommand(
  name: string,
  chart: string,
  { flags, context }: { readonly flags: TemplateFlags; readonly context: CommandContext },
): void {
  const { workingDirectory, clock, terminal } = context
  checkReleaseName(name)
  const values = userValues({ ...flags, files: flags.values }, (path) => {
    const file = resolve(workingDirectory, path)
    if (!existsSync(file)) throw new ChartError('CHART_MISSING', `open ${path}: no such file or directory`)
    return readFileSync(file)
  })
  const rendered = renderChart(loadChart(chart, context), {
    release: {
      name,
      namespace: flags.namespace,
      isUpgrade: flags.isUpgrade,
      isInstall: !flags.isUpgrade,
      revision: 1,
    },
    values,
    ports: { clock, random: systemRandom, crypto: nodeCrypto },
    capabilities: {
      kubeVersion: flags.kubeVersion ? parseKubeVersion(flags.kubeVersion) : defaultCapabilities.kubeVersion,
      apiVersions: [...defaultCapabilities.apiVersions, ...flags.apiVersions],
    },
    skipSchemaValidation: flags.skipSchemaValidation,
    warn: (message) => terminal.err(`${message}\n`),
  })
  terminal.out(templateText(rendered, { ...flags, noHooks: !flags.hooks }))
}

function loadChart(chart: string, { workingDirectory }: CommandContext): Chart {
  const path = resolve(workingDirectory, chart)
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) {
    throw new CliError(`path "${chart}" not found`, {
      nextStep: 'give the directory or the archive of a chart',
    })
  }
  return found.isDirectory()
    ? loadChartDirectory(diskFileTree(path), '', { compression: hostCompression })
    : loadChartArchive(readFileSync(path), { compression: hostCompression })
}

function each(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}
