import { boolType } from '@sluice/cel'
import { type Cluster, isApiError, type ObjectKey, type Resource } from '@sluice/cluster'
import { Expression } from '@sluice/health'
import { ToolkitError } from '@sluice/ports'
import { findCondition, type Kustomization } from '@sluice/toolkit'
import { hasRevision, type ResolvedSource, sourceKey } from './source.ts'

/** A dependency is not ready, or what says whether it is cannot be read. */
export class DependencyError extends ToolkitError {
  override readonly name = 'DependencyError'

  constructor(
    code: 'DEPENDENCY_NOT_READY' | 'DEPENDENCY_EXPRESSION',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options)
  }
}

export type DependencyOptions = {
  readonly cluster: Cluster
  readonly resource: Resource
  /** Whether an expression is asked in addition to the usual conditions rather than in their place. */
  readonly additiveExpressions: boolean
  readonly signal: AbortSignal
}

/** Keys of what `spec.dependsOn` names. */
export function dependencyKeys({ spec, metadata }: Kustomization): readonly ObjectKey[] {
  return (spec.dependsOn ?? []).map(({ name, namespace }) => ({
    namespace: namespace ?? metadata.namespace ?? '',
    name,
  }))
}

/**
 * Returns when all dependencies are ready.
 *
 * Source: kustomize-controller of Flux 2.9.
 * @throws {DependencyError}
 */
export async function checkDependencies(
  object: Kustomization,
  source: ResolvedSource,
  options: DependencyOptions,
): Promise<void> {
  const keys = dependencyKeys(object)
  for (const [at, { readyExpr }] of (object.spec.dependsOn ?? []).entries()) {
    const key = keys[at]
    if (!key) continue
    const name = `${key.namespace}/${key.name}`
    // One after the other: the first that is not ready is named.
    const dependency = await readDependency(name, key, options)
    if (readyExpr) {
      if (!isReadyBy(readyExpr, object, dependency)) {
        throw notReady(`dependency '${name}' is not ready according to readyExpr eval`)
      }
      if (!options.additiveExpressions) continue
    }
    checkReady(name, dependency)
    checkRevision(name, dependency, { object, source })
  }
}

async function readDependency(
  name: string,
  key: ObjectKey,
  { cluster, resource, signal }: DependencyOptions,
): Promise<Kustomization> {
  try {
    return await cluster.get<Kustomization>(resource, key, { signal })
  } catch (cause) {
    if (!isApiError(cause, 'NotFound')) throw cause
    throw notReady(`dependency '${name}' not found`, cause)
  }
}

function isReadyBy(expression: string, self: Kustomization, dep: Kustomization): boolean {
  let ready: Expression
  try {
    ready = new Expression(expression, { variables: ['self', 'dep'], outType: boolType })
  } catch (cause) {
    throw new DependencyError(
      'DEPENDENCY_EXPRESSION',
      `terminal error: failed to evaluate dependency ${dep.metadata.name}`,
      { cause },
    )
  }
  return ready.evaluateBoolean({ self, dep })
}

function checkReady(name: string, { metadata, status }: Kustomization): void {
  const isReady = findCondition(status?.conditions ?? [], 'Ready')?.status === 'True'
  if (isReady && status?.observedGeneration === metadata.generation) return
  throw notReady(`dependency '${name}' is not ready`)
}

/** A dependency on the same source has to have applied what is about to be applied. */
function checkRevision(
  name: string,
  dependency: Kustomization,
  { object, source }: { readonly object: Kustomization; readonly source: ResolvedSource },
): void {
  const [theirs, ours] = [sourceKey(dependency), sourceKey(object)]
  const sameSource =
    dependency.spec.sourceRef.kind === object.spec.sourceRef.kind &&
    theirs.name === ours.name &&
    theirs.namespace === ours.namespace
  if (!sameSource || !source.artifact) return
  if (hasRevision(source.artifact, dependency.status?.lastAppliedRevision)) return
  throw notReady(`dependency '${name}' revision is not up to date`)
}

function notReady(message: string, cause?: unknown): DependencyError {
  return new DependencyError('DEPENDENCY_NOT_READY', message, cause === undefined ? undefined : { cause })
}
