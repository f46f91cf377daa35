import { providerClusters } from '@sluice/access'
import {
  configsFor,
  configWatches,
  crossDependencyWatch,
  type DriftWatch,
  dependencyWatch,
  driftWatch,
  rememberedConfigs,
} from '@sluice/applier'
import type { Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { Outcome, Reconciler, Run, Watch } from '@sluice/runtime'
import {
  decodeKustomization,
  fieldManagers,
  finalizer,
  type Kustomization,
  kustomizationDefinition,
  resourceOf,
  type SourceStatus,
} from '@sluice/toolkit'
import { kustomizationConditions } from './conditions.ts'
import type { KustomizeDeps, KustomizeParts } from './deps.ts'
import { finalizeKustomization } from './finalize.ts'
import { takenOver } from './steps/apply.ts'
import { build } from './steps/build.ts'
import { checkConfiguration } from './steps/configuration.ts'
import { apply, checkHealth, finish, prune, reachTarget } from './steps/deliver.ts'
import { dependencyKinds } from './steps/dependencies.ts'
import { plan } from './steps/plan.ts'
import { awaitDependencies, fetchArtifact, findSource } from './steps/prepare.ts'
import { sourceKey } from './steps/source.ts'
import type { Step, Work } from './steps/work.ts'

/** How long a change of an object waits to be judged. */
const driftSettleMs = 25

const steps: readonly Step[] = [
  checkConfiguration,
  findSource,
  awaitDependencies,
  fetchArtifact,
  reachTarget,
  build,
  plan,
  apply,
  prune,
  checkHealth,
  finish,
]

/**
 * Applies what Kustomizations describe, keeps it applied and removes what is no longer described.
 *
 * @example
 * manager.add(kustomizationController({ caches: manager.caches, clock, fetcher, http, sourceKinds }))
 */
export function kustomizationController(deps: KustomizeDeps): Reconciler<Kustomization> {
  const drift = driftWatch(deps.caches, {
    applier: fieldManagers.kustomizeControllerApply,
    group: kustomizationDefinition.group,
    takenOver: takenOver(deps.options?.overrideManagers ?? []),
    settleMs: driftSettleMs,
  })
  const { gates, watchConfigsLabelSelector: selector } = deps.options ?? {}
  const parts: KustomizeParts = {
    ...deps,
    configs: rememberedConfigs(deps.caches, { selector }),
    providers: providerClusters({
      ...deps,
      cluster: deps.caches.cluster,
      defaultServiceAccount: deps.options?.defaultKubeConfigServiceAccount,
      objectLevelWorkloadIdentity: gates?.objectLevelWorkloadIdentity,
    }),
  }
  return {
    resource: resourceOf(kustomizationDefinition),
    decode: decodeKustomization,
    controller: 'kustomize-controller',
    fieldManager: fieldManagers.kustomizeControllerStatus,
    finalizer,
    conditions: kustomizationConditions,
    reconcile: (run) => reconcile(run, parts, drift),
    finalize: (run) => finalizeKustomization(run, parts),
    watches: [
      ...deps.sourceKinds.map(sourceWatch),
      dependencyWatch<Kustomization>(
        resourceOf(kustomizationDefinition),
        ({ status }) => status?.lastAppliedRevision,
      ),
      ...dependencyKinds(deps).map((kind) => crossDependencyWatch<Kustomization>(kind)),
      ...configWatches<Kustomization>(namesOf, {
        ...deps.options,
        ...(deps.options?.gates?.disableConfigWatchers && { disableConfigWatchers: true }),
      }),
    ],
    start: (context) => drift.start(context),
  }
}

async function reconcile(run: Run<Kustomization>, deps: KustomizeParts, drift: DriftWatch): Promise<Outcome> {
  const configs = configsFor(run, deps)
  const work: Work = { run, object: run.object, deps, configs, drift, seenDrift: drift.take(run.key) }
  for (const step of steps) {
    // Each step builds on the one before it.
    const outcome = await step(work)
    if (outcome) return outcome
  }
  throw new TypeError('the last step has to come to an end')
}

/** A new artifact wakes what is built from it; a source that goes, what has not tried its last artifact. */
function sourceWatch(resource: Resource): Watch<Kustomization> {
  return {
    resource,
    refersTo: (object) => (object.spec.sourceRef.kind === resource.kind ? [sourceKey(object)] : []),
    when: ({ before, after }) =>
      after
        ? artifactOf(after) !== undefined && artifactOf(before) !== artifactOf(after)
        : artifactOf(before) !== undefined,
    concerns: ({ status }, { before, after }) =>
      after !== undefined || status?.lastAttemptedRevision !== revisionOf(before),
  }
}

function artifactOf(source: KubeObject | undefined): string | undefined {
  const { artifact } = (source?.['status'] ?? {}) as SourceStatus
  return artifact && `${artifact.revision} ${artifact.digest}`
}

function revisionOf(source: KubeObject | undefined): string | undefined {
  return ((source?.['status'] ?? {}) as SourceStatus).artifact?.revision
}

/** Secrets and ConfigMaps that are read beside the source. */
function namesOf(kind: 'Secret' | 'ConfigMap', { spec }: Kustomization): readonly (string | undefined)[] {
  const { postBuild, decryption, kubeConfig } = spec
  const variables = (postBuild?.substituteFrom ?? []).filter((item) => item.kind === kind)
  const own =
    kind === 'Secret'
      ? [decryption?.secretRef?.name, kubeConfig?.secretRef?.name]
      : [kubeConfig?.configMapRef?.name]
  return [...variables.map(({ name }) => name), ...own]
}
