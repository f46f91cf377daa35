import type { CacheChange, ObjectKey, Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { Outcome, Reconciler, Run, Watch } from '@sluice/runtime'
import {
  decodeKustomization,
  fieldManagers,
  finalizer,
  findCondition,
  type Kustomization,
  kustomizationDefinition,
  labels,
  resourceOf,
  type SourceStatus,
} from '@sluice/toolkit'
import { kustomizationConditions } from './conditions.ts'
import type { KustomizeDeps } from './deps.ts'
import { type DriftWatch, driftWatch } from './drift/drift-watch.ts'
import { finalizeKustomization } from './finalize.ts'
import { build } from './steps/build.ts'
import { checkConfiguration } from './steps/configuration.ts'
import { apply, checkHealth, finish, prune, reachTarget } from './steps/deliver.ts'
import { dependencyKeys } from './steps/dependencies.ts'
import { awaitDependencies, fetchArtifact, findSource } from './steps/prepare.ts'
import { sourceKey } from './steps/source.ts'
import type { Step, Work } from './steps/work.ts'

const steps: readonly Step[] = [
  checkConfiguration,
  findSource,
  awaitDependencies,
  fetchArtifact,
  reachTarget,
  build,
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
  const drift = driftWatch(deps.caches)
  return {
    resource: resourceOf(kustomizationDefinition),
    decode: decodeKustomization,
    controller: 'kustomize-controller',
    fieldManager: fieldManagers.kustomizeControllerStatus,
    finalizer,
    conditions: kustomizationConditions,
    reconcile: (run) => reconcile(run, deps, drift),
    finalize: (run) => finalizeKustomization(run, deps),
    watches: [
      ...deps.sourceKinds.map(sourceWatch),
      dependencyWatch,
      configWatch('Secret'),
      configWatch('ConfigMap'),
    ],
    start: (context) => drift.start(context),
  }
}

async function reconcile(run: Run<Kustomization>, deps: KustomizeDeps, drift: DriftWatch): Promise<Outcome> {
  const work: Work = { run, object: run.object, deps, drift, seenDrift: drift.take(run.key) }
  for (const step of steps) {
    // Each step builds on the one before it.
    const outcome = await step(work)
    if (outcome) return outcome
  }
  throw new TypeError('the last step has to come to an end')
}

/** A new artifact wakes what is built from it. */
function sourceWatch(resource: Resource): Watch<Kustomization> {
  return {
    resource,
    refersTo: (object) => (object.spec.sourceRef.kind === resource.kind ? [sourceKey(object)] : []),
    when: ({ before, after }) => artifactOf(after) !== undefined && artifactOf(before) !== artifactOf(after),
  }
}

function artifactOf(source: KubeObject | undefined): string | undefined {
  const { artifact } = (source?.['status'] ?? {}) as SourceStatus
  return artifact && `${artifact.revision} ${artifact.digest}`
}

/** A dependency that became ready, or applied another revision, wakes what waits for it; who is ready waits for nothing. */
const dependencyWatch: Watch<Kustomization> = {
  resource: resourceOf(kustomizationDefinition),
  refersTo: (object) => (readyStatus(object) === 'True' ? [] : dependencyKeys(object)),
  when: ({ before, after }: CacheChange<KubeObject>) => readinessOf(before) !== readinessOf(after),
}

/** What the usual rule and most expressions look at. */
function readinessOf(object: KubeObject | undefined): string {
  const { status, metadata } = (object ?? {}) as Partial<Kustomization>
  return JSON.stringify([
    readyStatus({ status }),
    status?.observedGeneration,
    status?.lastAppliedRevision,
    metadata?.generation,
    metadata?.labels,
    metadata?.annotations,
  ])
}

function readyStatus({
  status,
}: {
  readonly status?: Kustomization['status'] | undefined
}): string | undefined {
  return findCondition(status?.conditions ?? [], 'Ready')?.status
}

/** Secrets and ConfigMaps that ask for it by a label wake what reads them. */
function configWatch(kind: 'Secret' | 'ConfigMap'): Watch<Kustomization> {
  return {
    resource: { group: '', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true },
    labelSelector: `${labels.watch}=Enabled`,
    metadataOnly: true,
    refersTo: (object) => referencesTo(kind, object),
  }
}

function referencesTo(kind: 'Secret' | 'ConfigMap', { spec, metadata }: Kustomization): readonly ObjectKey[] {
  const { postBuild, decryption, kubeConfig } = spec
  const variables = (postBuild?.substituteFrom ?? []).filter((item) => item.kind === kind)
  const own =
    kind === 'Secret'
      ? [decryption?.secretRef?.name, kubeConfig?.secretRef?.name]
      : [kubeConfig?.configMapRef?.name]
  const names = [...variables.map(({ name }) => name), ...own].filter((name) => name !== undefined)
  return names.map((name) => ({ namespace: metadata.namespace ?? '', name }))
}
