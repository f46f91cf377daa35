import { type Cluster, isApiError, type Resource } from '@sluice/cluster'
import { parseConstraint, parseVersion, SemverError } from '@sluice/go'
import type { KubeObject } from '@sluice/ports'
import { labels } from '@sluice/toolkit'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { type CommandContext, commandSignal, type ObjectFlags } from '../command-context.ts'
import { objectFlags } from '../flags.ts'
import { type StatusLines, statusLines } from '../output/terminal.ts'

export type CheckFlags = ObjectFlags & { readonly pre: boolean }

type Check = {
  readonly cluster: Cluster
  readonly namespace: string
  readonly lines: StatusLines
  readonly signal: AbortSignal
}

const kubernetesRange = '>=1.33.0-0'
const selector = `${labels.partOf}=flux`

export function addCheck(program: Command, context: CommandContext): void {
  const command = program
    .command('check')
    .description('check that the toolkit can run, and that it does')
    .option('--pre', 'only what an installation needs', false)
    .action(({ pre }: { pre: boolean }) => checkCommand({ flags: { ...objectFlags(command), pre }, context }))
}

/** `check [--pre]`. @throws {CliError} when something is amiss. */
export async function checkCommand({
  flags,
  context,
}: {
  readonly flags: CheckFlags
  readonly context: CommandContext
}): Promise<void> {
  const lines = statusLines(context.terminal)
  const { cluster } = await context.connect(flags)
  const signal = commandSignal(context, flags)
  const check = { cluster, namespace: flags.namespace, lines, signal }
  lines.action('checking prerequisites')
  const isServerFine = await checkKubernetes(check)
  if (flags.pre) {
    if (!isServerFine) throw new CliError('prerequisites checks failed')
    lines.success('prerequisites checks passed')
    return
  }
  const outcomes = [isServerFine]
  for (const [title, run] of [
    ['version in cluster', checkVersion],
    ['controllers', checkControllers],
    ['crds', checkDefinitions],
  ] as const) {
    // Sequential: the lines come in order.
    lines.action(`checking ${title}`)
    outcomes.push(await run(check))
  }
  if (outcomes.includes(false)) throw new CliError('check failed')
  lines.success('all checks passed')
}

async function checkKubernetes({ cluster, lines, signal }: Check): Promise<boolean> {
  const { body } = await cluster.request({ method: 'GET', path: '/version' }, { signal })
  const { gitVersion = '' } = body as { readonly gitVersion?: string }
  try {
    if (!parseConstraint(kubernetesRange).check(parseVersion(gitVersion))) {
      lines.failure(`Kubernetes version ${gitVersion} does not match ${kubernetesRange}`)
      return false
    }
  } catch (error) {
    if (!(error instanceof SemverError)) throw error
    lines.failure("Kubernetes version can't be determined")
    return false
  }
  lines.success(`Kubernetes ${gitVersion.replace(/^v/, '')} ${kubernetesRange}`)
  return true
}

async function checkVersion({ cluster, lines, signal }: Check): Promise<boolean> {
  const definitions = await definitionResource(cluster, signal)
  try {
    const { metadata } = await cluster.get(
      definitions,
      { name: 'gitrepositories.source.toolkit.fluxcd.io' },
      { signal },
    )
    const own = metadata.labels ?? {}
    const version = own[labels.version]
    if (version !== undefined) lines.success(`distribution: flux-${version}`)
    lines.success(`bootstrapped: ${own[labels.kustomizationName] !== undefined}`)
    return true
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    lines.failure(`checking failed: ${error.message}`)
    return false
  }
}

type Deployment = KubeObject & {
  readonly spec: {
    readonly replicas?: number
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
  }
  readonly status?: { readonly readyReplicas?: number; readonly observedGeneration?: number }
}

async function checkControllers({ cluster, namespace, lines, signal }: Check): Promise<boolean> {
  const deployments = await cluster.resourceFor('apps/v1', 'Deployment', { signal })
  const { items } = await cluster.list<Deployment>(deployments, {
    namespace,
    labelSelector: selector,
    signal,
  })
  if (items.length === 0) {
    lines.failure(
      `no controllers found in the '${namespace}' namespace with the label selector '${selector}'`,
    )
    return false
  }
  let isFine = true
  for (const { metadata, spec, status } of items) {
    const isReady =
      (status?.readyReplicas ?? 0) >= (spec.replicas ?? 1) &&
      (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
    if (isReady) lines.success(`${metadata.name}: deployment ready`)
    else lines.failure(`${metadata.name}: deployment not ready`)
    isFine &&= isReady
    for (const { image } of spec.template.spec.containers) lines.action(image)
  }
  return isFine
}

async function checkDefinitions({ cluster, lines, signal }: Check): Promise<boolean> {
  const definitions = await definitionResource(cluster, signal)
  const { items } = await cluster.list(definitions, { labelSelector: selector, signal })
  if (items.length === 0) {
    lines.failure(`no crds found with the label selector '${selector}'`)
    return false
  }
  let isFine = true
  for (const { metadata, ...rest } of items) {
    const { status } = rest as { readonly status?: { readonly storedVersions?: readonly string[] } }
    const version = status?.storedVersions?.at(-1)
    if (version === undefined) lines.failure(`no stored versions for ${metadata.name}`)
    else lines.success(`${metadata.name}/${version}`)
    isFine &&= version !== undefined
  }
  return isFine
}

function definitionResource(cluster: Cluster, signal: AbortSignal): Promise<Resource> {
  return cluster.resourceFor('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { signal })
}
