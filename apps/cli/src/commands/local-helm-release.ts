import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  type Chart,
  defaultCapabilities,
  loadChartDirectory,
  loadChartFile,
  type MutableValues,
  mergeOver,
  parseValues,
  type Release,
} from '@sluice/chart'
import type { Cluster } from '@sluice/cluster'
import { buildHelmRelease, composeValues, type ValuesSource } from '@sluice/delivery'
import { releaseValues } from '@sluice/helm-controller'
import { diskFileTree, hostCompression, nodeCrypto, systemRandom } from '@sluice/host'
import type { KubeObject } from '@sluice/ports'
import type { HelmRelease } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { cliKind } from '../kinds.ts'
import { readManifest } from './apply.ts'
import { objectInFile } from './object-in-file.ts'

/** Flags of the commands that build a HelmRelease from local files. */
export type LocalReleaseFlags = ObjectFlags & {
  /** What the release's source has: a directory with the chart at its path, a chart, or a packed one. */
  readonly path?: string
  /** A file with the HelmRelease, instead of the one in the cluster. */
  readonly helmreleaseFile?: string
  /** Ask no cluster: Secrets and ConfigMaps with values are taken from the file, too. */
  readonly dryRun: boolean
}

/** A HelmRelease, and where its values come from. */
export type LocalRelease = {
  readonly object: HelmRelease
  readonly values: MutableValues
  /** What it is compared with: templates are told the same revision, and of a chart without a new version the same one. */
  readonly released?: Release
}

export function addLocalReleaseFlags(command: Command): Command {
  return command
    .option('--path <path>', 'local directory of the source, or a chart')
    .option('--helmrelease-file <file>', 'file with the HelmRelease')
    .option('--dry-run', 'ask no cluster: values, too, come from the file', false)
}

/** The HelmRelease of a file or of the cluster, with its values. @throws {CliError} {@link ValuesReferenceError} */
export async function localRelease(
  name: string,
  {
    flags,
    context,
    connect,
  }: { flags: LocalReleaseFlags; context: CommandContext; connect: () => Promise<Cluster> },
): Promise<LocalRelease> {
  const { namespace, helmreleaseFile, dryRun } = flags
  if (dryRun && helmreleaseFile === undefined) throw new CliError('dry-run mode requires a HelmRelease file')
  const signal = commandSignal(context, flags)
  const { workingDirectory } = context
  const key = { namespace, name }
  const found =
    helmreleaseFile === undefined
      ? undefined
      : objectInFile<HelmRelease>('HelmRelease', key, { file: helmreleaseFile, workingDirectory })
  if (found && dryRun) return offline(placed(found.object, namespace), found.all)
  const cluster = await connect()
  const { resource } = cliKind('HelmRelease')
  const object = found?.object ?? (await cluster.get<HelmRelease>(resource, key, { signal }))
  const inNamespace = placed(object, namespace)
  return { object: inNamespace, values: await releaseValues(inNamespace, { cluster, signal }) }
}

/** The objects that the release would have, hooks behind the others. @throws {CliError} {@link ChartError} */
export function buildLocalRelease(
  { object, values, released }: LocalRelease,
  path: string,
  { clock, terminal, workingDirectory }: CommandContext,
): readonly KubeObject[] {
  const chart = chartOf(object, resolve(workingDirectory, path), path)
  const { manifests, hooks } = buildHelmRelease({
    helmRelease: object,
    chart: released ? withReleasedVersion(chart, released.chart) : chart,
    values,
    ...(released && { revision: released.revision }),
    options: {
      ports: { clock, random: systemRandom, crypto: nodeCrypto },
      capabilities: defaultCapabilities,
      warn: (message) => terminal.err(`⚠️ ${message}\n`),
    },
  })
  const texts = [...manifests.map(({ content }) => content), ...hooks.map(({ manifest }) => manifest)]
  return texts.flatMap((text) => readManifest(text, object.metadata.name ?? ''))
}

/** The source-controller marks versions with the revision of the source; that alone is no change. */
function withReleasedVersion(chart: Chart, { metadata: { version } }: Chart): Chart {
  if (version.split('+')[0] !== chart.metadata.version) return chart
  return { ...chart, metadata: { ...chart.metadata, version } }
}

function placed(object: HelmRelease, namespace: string): HelmRelease {
  return { ...object, metadata: { namespace, ...object.metadata } }
}

function offline(object: HelmRelease, all: readonly KubeObject[]): LocalRelease {
  const { namespace = '' } = object.metadata
  const { values, valuesFrom: references = [] } = object.spec
  return {
    object,
    values: composeValues({ namespace, values, references }, (kind, name) => {
      const source = all.find(
        (it) =>
          it.kind === kind && it.metadata.name === name && (it.metadata.namespace ?? namespace) === namespace,
      )
      return source ? contentOf(source) : { missing: `${kind} is not in the file` }
    }),
  }
}

function contentOf(source: KubeObject): ValuesSource {
  const { data = {}, stringData = {} } = source as KubeObject & {
    readonly data?: Readonly<Record<string, string>>
    readonly stringData?: Readonly<Record<string, string>>
  }
  const encoding = source.kind === 'Secret' ? 'base64' : 'utf8'
  const entries = [
    ...Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)] as const),
    ...Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value)] as const),
  ]
  return { data: Object.fromEntries(entries) }
}

/** A chart itself, or what the source has at the chart's path, with the values files of the HelmRelease. */
function chartOf({ spec }: HelmRelease, absolute: string, shown: string): Chart {
  const template = spec.chart?.spec
  const isSource =
    template !== undefined && !existsSync(join(absolute, 'Chart.yaml')) && isDirectory(absolute)
  const chart = loadChart(isSource ? join(absolute, template.chart) : absolute, shown)
  const files = template?.valuesFiles ?? []
  if (files.length === 0) return chart
  const merged = files
    .filter((file) => !template?.ignoreMissingValuesFiles || existsSync(join(absolute, file)))
    .map((file) => parseValues(readValuesFile(join(absolute, file), file)))
    .reduce(mergeOver, new Map() as MutableValues)
  return { ...chart, values: merged }
}

function readValuesFile(path: string, shown: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new CliError(`no values file found at path '${shown}'`, { cause })
  }
}

function loadChart(path: string, shown: string): Chart {
  const compression = hostCompression
  if (isDirectory(path)) return loadChartDirectory(diskFileTree(path), '', { compression, location: path })
  if (existsSync(path)) return loadChartFile(basename(path), readFileSync(path), { compression })
  throw new CliError(`no chart found at path '${path}'`, {
    nextStep: `let --path ${shown} be the root of the source, or the chart itself`,
  })
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
