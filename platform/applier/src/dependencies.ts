import { boolType } from '@sluice/cel'
import type { ObjectKey, Resource } from '@sluice/cluster'
import { Expression } from '@sluice/health'
import { ToolkitError } from '@sluice/ports'
import { type DependencyReference, findCondition, type ToolkitObject } from '@sluice/toolkit'

export type DependencyErrorCode =
  | 'DEPENDENCY_NOT_READY'
  | 'DEPENDENCY_EXPRESSION'
  | 'DEPENDENCY_REFERENCE'
  | 'DEPENDENCY_FORBIDDEN'

/** A dependency is not ready, or what says whether it is cannot be read. */
export class DependencyError extends ToolkitError {
  override readonly name = 'DependencyError'

  constructor(code: DependencyErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** An object that may have to wait for others of its kind. */
export type Dependent = ToolkitObject & {
  readonly spec: { readonly dependsOn?: readonly DependencyReference[] }
}

export type DependencyCheck<T extends Dependent> = {
  /** A dependency as it is now; best from a watch cache. */
  readonly read: (key: ObjectKey) => T | undefined
  readonly resource: Resource
  /** Whether an expression is asked in addition to the usual conditions rather than in their place. Default: `false`. */
  readonly additiveExpressions?: boolean
  /** Says that the dependency is not there, as this kind words it; the cause is appended. */
  readonly missing: (name: string) => string
  /** What else makes a dependency ready: why it is not, or nothing. */
  readonly objection?: (name: string, dependency: T) => string | undefined
}

/** Keys of what `spec.dependsOn` names. */
export function dependencyKeys({
  spec,
  metadata,
}: Dependent): readonly (ObjectKey & { readonly namespace: string })[] {
  return (spec.dependsOn ?? []).map(({ name, namespace }) => ({
    namespace: namespace ?? metadata.namespace ?? '',
    name,
  }))
}

/**
 * Returns when all dependencies are ready; the first that is not is named.
 *
 * Source: kustomize-controller and helm-controller of Flux 2.9.
 * @throws {DependencyError}
 */
export function checkDependencies<T extends Dependent>(object: T, check: DependencyCheck<T>): void {
  const keys = dependencyKeys(object)
  for (const [at, { readyExpr }] of (object.spec.dependsOn ?? []).entries()) {
    const key = keys[at]
    if (!key) continue
    const name = `${key.namespace}/${key.name}`
    const dependency = check.read(key)
    if (!dependency) throw notFound(check.missing(name), { resource: check.resource, name: key.name })
    if (readyExpr) {
      if (!isReadyBy(readyExpr, object, dependency)) {
        throw notReady(`dependency '${name}' is not ready according to readyExpr eval`)
      }
      if (!check.additiveExpressions) continue
    }
    if (!isReady(dependency)) throw notReady(`dependency '${name}' is not ready`)
    const objection = check.objection?.(name, dependency)
    if (objection !== undefined) throw notReady(objection)
  }
}

/** A dependency is not there; the cause says it as the API server would. */
export function notFound(
  message: string,
  { resource, name }: { readonly resource: Resource; readonly name: string },
): DependencyError {
  const cause = new ToolkitError('NOT_FOUND', `${resource.plural}.${resource.group} "${name}" not found`)
  return notReady(message, cause)
}

function isReadyBy(expression: string, self: Dependent, dep: Dependent): boolean {
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

/** The usual rule: the condition Ready is True for the generation that there is. */
export function isReady({ metadata, status }: ToolkitObject): boolean {
  const ready = findCondition(status?.conditions ?? [], 'Ready')?.status === 'True'
  return ready && status?.observedGeneration === metadata.generation
}

function notReady(message: string, cause?: unknown): DependencyError {
  return new DependencyError('DEPENDENCY_NOT_READY', message, cause === undefined ? undefined : { cause })
}
