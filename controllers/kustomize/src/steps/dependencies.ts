import { checkDependencies } from '@sluice/applier'
import { type Kustomization, kustomizationDefinition, resourceOf } from '@sluice/toolkit'
import { hasRevision, type ResolvedSource, sourceKey } from './source.ts'
import type { Work } from './work.ts'

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
