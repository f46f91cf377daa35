import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Capabilities,
  ChartError,
  checkInstallable,
  checkReleaseName,
  defaultCapabilities,
  documentText,
  ManifestError,
  parseKubeVersion,
  type Rendered,
  renderChart,
  renderedName,
  templateText,
  userValues,
} from '@sluice/chart'
import { nodeCrypto, systemRandom } from '@sluice/host'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import type { GlobalOptions } from '../flags.ts'
import { HelmCommand } from './helm-command.ts'
import { templateChart } from './template-chart.ts'
import { writeTemplateFiles } from './template-files.ts'
import { addTemplateFlags, type TemplateFlags } from './template-flags.ts'

export function addTemplate(program: Command, context: CommandContext): void {
  const command = new HelmCommand('template').argument('<name-or-chart>').argument('[chart]')
  program.addCommand(command.copyInheritedSettings(program))
  addTemplateFlags(command)
    .description('render a Helm chart as `helm template` does')
    .action((first: string, second: string | undefined, flags: Omit<TemplateFlags, keyof Globals>) => {
      const { namespace = 'default', timeout } = program.opts<GlobalOptions>()
      const [name, chart] = second === undefined ? [undefined, first] : [first, second]
      return templateCommand({ name, chart }, { flags: { ...flags, namespace, timeout }, context })
    })
}

type Globals = Pick<GlobalOptions, 'namespace' | 'timeout'>

/**
 * `template [NAME] CHART`: a chart's directory or archive, or where it is to be had.
 *
 * @throws {CliError} {@link ChartError}
 */
export async function templateCommand(
  { name: given, chart }: { readonly name: string | undefined; readonly chart: string },
  { flags, context }: { readonly flags: TemplateFlags; readonly context: CommandContext },
): Promise<void> {
  const { clock, terminal, workingDirectory } = context
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  const name = renderedName({ ...flags, name: given }, ports)
  checkReleaseName(name)
  const rendered = await renderWith(flags, { name, chart, context })
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

async function renderWith(
  flags: TemplateFlags,
  { name, chart: path, context }: RenderWhat,
): Promise<Rendered> {
  const { clock, terminal } = context
  const fetched = await fetchedFiles(flags, context)
  const values = userValues(
    { ...flags, files: flags.values },
    (file) => fetched.get(file) ?? readGiven(file, context),
  )
  const chart = await templateChart(path, { flags, context })
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

/** The files of values that are elsewhere. */
async function fetchedFiles(
  flags: TemplateFlags,
  context: CommandContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const urls = flags.values.filter((it) => /^https?:\/\//.test(it))
  if (urls.length === 0) return new Map()
  const { fetchUrl } = await import('./remote-chart.ts')
  const contents = await Promise.all(urls.map((url) => fetchUrl(url, { flags, context })))
  return new Map(urls.map((url, at) => [url, contents[at] ?? new Uint8Array()]))
}

/** A file that a flag names; `-` is what comes through standard input. */
function readGiven(path: string, { workingDirectory }: CommandContext): Uint8Array {
  if (path === '-') return readFileSync(0)
  const file = resolve(workingDirectory, path)
  if (!existsSync(file)) throw new ChartError('CHART_MISSING', `open ${path}: no such file or directory`)
  return readFileSync(file)
}
