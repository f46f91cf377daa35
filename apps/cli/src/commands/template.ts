import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import {
  type Capabilities,
  type Chart,
  ChartError,
  checkInstallable,
  checkReleaseName,
  defaultCapabilities,
  documentText,
  loadChartDirectory,
  loadChartFile,
  ManifestError,
  parseKubeVersion,
  type Rendered,
  renderChart,
  renderedName,
  templateText,
  userValues,
} from '@sluice/chart'
import { diskFileTree, hostCompression, nodeCrypto, systemRandom } from '@sluice/host'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import type { GlobalOptions } from '../flags.ts'
import { writeTemplateFiles } from './template-files.ts'
import { addTemplateFlags, type TemplateFlags } from './template-flags.ts'

export function addTemplate(program: Command, context: CommandContext): void {
  addTemplateFlags(
    program
      .command('template <name-or-chart> [chart]')
      .description('render a Helm chart as `helm template` does'),
  ).action((first: string, second: string | undefined, flags: Omit<TemplateFlags, 'namespace'>) => {
    const { namespace = 'default' } = program.opts<GlobalOptions>()
    const [name, chart] = second === undefined ? [undefined, first] : [first, second]
    templateCommand({ name, chart }, { flags: { ...flags, namespace }, context })
  })
}

/**
 * `template [NAME] CHART`: a chart's directory or archive.
 *
 * @throws {CliError} {@link ChartError}
 */
export function templateCommand(
  { name: given, chart }: { readonly name: string | undefined; readonly chart: string },
  { flags, context }: { readonly flags: TemplateFlags; readonly context: CommandContext },
): void {
  if (flags.dryRun !== undefined && flags.dryRun !== true && flags.dryRun !== 'client') {
    throw new CliError(`--dry-run=${flags.dryRun} asks a cluster, and template does without`, {
      nextStep: 'leave the flag out, or see what `diff` can do',
    })
  }
  const { clock, terminal, workingDirectory } = context
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  const name = renderedName({ ...flags, name: given }, ports)
  checkReleaseName(name)
  const rendered = renderWith(flags, { name, chart, context })
  const options = {
    ...flags,
    noHooks: !flags.hooks,
  }
  if (flags.outputDir === undefined) {
    terminal.out(templateText(rendered, options))
    return
  }
  const directory = resolve(workingDirectory, flags.outputDir)
  const releaseDirectory = flags.releaseName ? resolve(directory, name) : directory
  const written = writeTemplateFiles(rendered, options, { directory, releaseDirectory })
  terminal.out(written.map((path) => `wrote ${path}\n`).join(''))
}

type RenderWhat = { readonly name: string; readonly chart: string; readonly context: CommandContext }

function renderWith(flags: TemplateFlags, { name, chart: path, context }: RenderWhat): Rendered {
  const { clock, terminal } = context
  const values = userValues({ ...flags, files: flags.values }, (file) => readGiven(file, context))
  const chart = loadChart(path, context)
  checkInstallable(chart)
  try {
    return renderChart(chart, {
      release: {
        name,
        namespace: flags.namespace,
        isUpgrade: flags.isUpgrade,
        isInstall: !flags.isUpgrade,
        revision: 1,
      },
      values,
      ports: { clock, random: systemRandom, crypto: nodeCrypto },
      capabilities: capabilitiesOf(flags),
      skipSchemaValidation: flags.skipSchemaValidation,
      warn: (message) => terminal.err(`${message}\n`),
    })
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause
    if (flags.debug) {
      terminal.out([...cause.files].map(([file, content]) => documentText({ path: file, content })).join(''))
      throw cause
    }
    throw new CliError(cause.message, { cause, nextStep: 'use --debug to print what was rendered' })
  }
}

function capabilitiesOf({ kubeVersion, apiVersions }: TemplateFlags): Capabilities {
  return {
    kubeVersion: kubeVersion ? parseKubeVersion(kubeVersion) : defaultCapabilities.kubeVersion,
    apiVersions: [...defaultCapabilities.apiVersions, ...apiVersions],
  }
}

/** A file that a flag names; `-` is what comes through standard input. */
function readGiven(path: string, { workingDirectory }: CommandContext): Uint8Array {
  if (path === '-') return readFileSync(0)
  const file = resolve(workingDirectory, path)
  if (!existsSync(file)) throw new ChartError('CHART_MISSING', `open ${path}: no such file or directory`)
  return readFileSync(file)
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
    ? loadChartDirectory(diskFileTree(path), '', { compression: hostCompression, location: path })
    : loadChartFile(basename(path), readFileSync(path), { compression: hostCompression })
}
