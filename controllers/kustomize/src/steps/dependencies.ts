import {
  blockingCycle,
  checkCrossDependencies,
  checkDependencies,
  type Dependent,
  explainsErrors,
} from '@sluice/applier'
import type { Resource } from '@sluice/cluster'
import {
  type Kustomization,
  kustomizationDefinition,
  ownAnnotations,
  resourceOf,
  type ToolkitObject,
} from '@sluice/toolkit'
import type { KustomizeDeps } from '../deps.ts'
import { hasRevision, type ResolvedSource, sourceKey } from './source.ts'
import type { Work } from './work.ts'

/** Kinds that a Kustomization may wait for by its annotation. */
export function dependencyKinds({
  sourceKinds,
  dependencyKinds: kinds = sourceKinds,
}: KustomizeDeps): readonly Resource[] {
  return [resourceOf(kustomizationDefinition), ...kinds]
}

/** Whether there is anything to wait for. */
export function hasDependencies({ spec, metadata }: Kustomization): boolean {
  return (spec.dependsOn ?? []).length > 0 || metadata.annotations?.[ownAnnotations.dependsOn] !== undefined
}

/** Returns when all dependencies are ready. @throws {DependencyError} */
export function checkDependsOn({ object, deps }: Work, source: ResolvedSource): void {
  const resource = resourceOf(kustomizationDefinition)
  const cache = deps.caches.cache<Kustomization>(resource)
  checkDependencies(object, {
    read: (key) => cache.get(key),
    resource,
    additiveExpressions: deps.options?.gates?.additiveCelDependencyCheck ?? false,
    missing: (name) => `dependency '${name}' not found`,
    objection: (name, dependency) => {
      if (hasSameRevision(dependency, { object, source })) return undefined
      return `dependency '${name}' revision is not up to date`
    },
  })
  checkCrossDependencies(object, {
    kinds: dependencyKinds(deps),
    read: (kind, key) => deps.caches.cache<ToolkitObject>(kind).get(key),
    noCrossNamespaceRefs: deps.options?.noCrossNamespaceRefs ?? false,
  })
}

/**
 * The cycle that keeps an object waiting, if there is one, and whether it is to be told of in the status: Flux never
 * does, so something in it has to be beyond Flux already, or the object asks for it.
 */
export function findCycle({
  object,
  deps,
}: Work): { readonly text: string; readonly tells: boolean } | undefined {
  const cycle = blockingCycle(object, {
    kinds: dependencyKinds(deps),
    read: (kind, key) => deps.caches.cache<Dependent>(kind).get(key),
  })
  return cycle && { text: cycle.text, tells: cycle.isMixed || explainsErrors(object) }
}

/** A dependency on the same source has to have applied what is about to be applied. */
function hasSameRevision(
  dependency: Kustomization,
  { object, source }: { readonly object: Kustomization; readonly source: ResolvedSource },
): boolean {
  const [theirs, ours] = [sourceKey(dependency), sourceKey(object)]
  const sameSource =
    dependency.spec.sourceRef.kind === object.spec.sourceRef.kind &&
    theirs.name === ours.name &&
    theirs.namespace === ours.namespace
  if (!sameSource || !source.artifact) return true
  return hasRevision(source.artifact, dependency.status?.lastAppliedRevision)
}
