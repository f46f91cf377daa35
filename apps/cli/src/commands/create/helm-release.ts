import type { JsonObject, JsonValue } from '@sluice/ports'
import { parseYaml } from '@sluice/yaml'
import type { Command } from 'commander'
import { CliError } from '../../cli-error.ts'
import type { CommandContext } from '../../command-context.ts'
import { commaSeparated, goDuration } from '../../flags.ts'
import { cliKind } from '../../kinds.ts'
import { addCreateCommand, create, given, nameReference } from './creation.ts'
import { dependencies, parseKindName, parseReference, sourceReference } from './references.ts'
import { fileText } from './secret-manifests.ts'

type Flags = {
  readonly releaseName?: string
  readonly source?: string
  readonly chart?: string
  readonly chartVersion?: string
  readonly chartRef?: string
  readonly chartInterval?: string
  readonly reconcileStrategy: string
  readonly dependsOn?: readonly string[]
  readonly targetNamespace?: string
  readonly storageNamespace?: string
  readonly createTargetNamespace?: boolean
  readonly serviceAccount?: string
  readonly values?: readonly string[]
  readonly valuesFrom?: readonly string[]
  readonly crds?: string
  readonly kubeconfigSecretRef?: string
}

const chartSourceKinds = ['HelmRepository', 'GitRepository', 'Bucket']
const referenceKinds = ['OCIRepository', 'HelmChart', 'ExternalArtifact']
const valuesKinds = ['Secret', 'ConfigMap']
const crdPolicies = ['Skip', 'Create', 'CreateReplace']
const strategies = ['Revision', 'ChartVersion']

export function addCreateHelmRelease(group: Command, context: CommandContext): void {
  addCreateCommand<Flags>(group, 'helmrelease', {
    context,
    description: 'create or update a HelmRelease',
    action: async (name, { flags }) => {
      await create(
        {
          kind: 'HelmRelease',
          announced: true,
          name,
          spec: specification(flags),
          finished: (object) => [`HelmRelease ${name} is ready`, cliKind('HelmRelease').reconciled(object)],
        },
        { flags, context },
      )
    },
  })
    .alias('hr')
    .option('--release-name <name>', 'name of the Helm release')
    .option('--source <kind/name.namespace>', 'HelmRepository, GitRepository or Bucket with the chart')
    .option('--chart <name>', 'name of the chart, or its path in the source')
    .option('--chart-version <range>', 'version of the chart')
    .option('--chart-ref <kind/name.namespace>', 'OCIRepository or HelmChart that is the chart')
    .option('--chart-interval <duration>', 'time between two looks for new versions', goDuration)
    .option(
      '--reconcile-strategy <strategy>',
      'what makes a new chart: ChartVersion or Revision',
      'ChartVersion',
    )
    .option(
      '--depends-on <names>',
      'HelmReleases that must be ready before, [namespace/]name',
      commaSeparated,
    )
    .option('--target-namespace <name>', 'namespace of the release')
    .option('--storage-namespace <name>', 'namespace of the release records; the target when absent')
    .option('--create-target-namespace', 'create the namespace of the release')
    .option('--service-account <name>', 'service account to apply as')
    .option('--values <files>', 'files of values, parted by commas', commaSeparated)
    .option('--values-from <kind/name>', 'Secret or ConfigMap with values', commaSeparated)
    .option('--crds <policy>', 'what becomes of CRDs: Skip, Create or CreateReplace')
    .option('--kubeconfig-secret-ref <name>', 'Secret with the kubeconfig of another cluster')
}

/** @throws {CliError} when the flags do not go together. */
function specification(flags: Flags & { readonly interval: string }): JsonObject {
  const { chart, chartRef, reconcileStrategy, crds, createTargetNamespace } = flags
  if (!chart && !chartRef) throw new CliError('chart or chart-ref is required')
  if (chart && chartRef) throw new CliError('cannot use --chart in combination with --chart-ref')
  if (!strategies.includes(reconcileStrategy)) {
    throw new CliError(
      `'${reconcileStrategy}' is an invalid reconcile strategy(valid: Revision, ChartVersion)`,
    )
  }
  if (crds !== undefined && !crdPolicies.includes(crds)) {
    throw new CliError(`unsupported CRDs policy '${crds}', must be one of: ${crdPolicies.join(', ')}`)
  }
  return given({
    releaseName: flags.releaseName,
    interval: flags.interval,
    targetNamespace: flags.targetNamespace,
    storageNamespace: flags.storageNamespace ?? flags.targetNamespace,
    dependsOn: dependencies(flags.dependsOn),
    ...(chart ? { chart: { spec: chartTemplate(chart, flags) } } : { chartRef: reference(chartRef ?? '') }),
    kubeConfig: given({ secretRef: nameReference(flags.kubeconfigSecretRef) }),
    install: given({
      createNamespace: createTargetNamespace === true ? true : undefined,
      crds: crds === undefined ? undefined : 'Create',
    }),
    upgrade: given({ crds }),
    serviceAccountName: flags.serviceAccount,
    values: flags.values && mergedValues(flags.values),
    valuesFrom: (flags.valuesFrom ?? []).map(valuesReference),
  })
}

function chartTemplate(chart: string, flags: Flags): JsonObject {
  return given({
    chart,
    version: flags.chartVersion,
    sourceRef: flags.source
      ? sourceReference(flags.source, { kinds: chartSourceKinds })
      : { kind: '', name: '' },
    reconcileStrategy: flags.reconcileStrategy,
    interval: flags.chartInterval,
  })
}

function reference(text: string): JsonObject {
  const { kind, name, namespace } = parseReference(text)
  if (!referenceKinds.includes(kind)) {
    throw new CliError(
      `chart reference kind '${kind}' is not supported, must be one of: ${referenceKinds.join(', ')}`,
    )
  }
  return given({ kind, name, namespace })
}

function valuesReference(text: string): JsonObject {
  const { kind, name } = parseKindName(text)
  if (kind === '') {
    throw new CliError(`invalid Kubernetes object reference '${text}', must be in format <kind>/<name>`)
  }
  const known = valuesKinds.find((it) => it.toLowerCase() === kind.toLowerCase())
  if (known === undefined) {
    throw new CliError(`reference kind '${kind}' is not supported, must be one of: ${valuesKinds.join(', ')}`)
  }
  return { kind: known, name }
}

/** The files' values, later files over earlier ones. @throws {CliError} */
function mergedValues(files: readonly string[]): JsonObject {
  let merged: JsonObject = {}
  for (const file of files) {
    const values = parseYaml(fileText(file, `reading values from ${file} failed`)) as JsonValue
    if (!isRecord(values)) throw new CliError(`unmarshaling values from ${file} failed: it is no mapping`)
    merged = overlaid(merged, values)
  }
  return merged
}

function overlaid(under: JsonObject, over: JsonObject): JsonObject {
  const result = new Map(Object.entries(under))
  for (const [key, value] of Object.entries(over)) {
    const below = result.get(key)
    result.set(key, isRecord(below) && isRecord(value) ? overlaid(below, value) : value)
  }
  return Object.fromEntries(result)
}

function isRecord(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
