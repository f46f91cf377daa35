import { isKubeObject, type KubeObject } from '@sluice/ports'
import { parseYamlDocuments } from '@sluice/yaml'
import type { Chart } from '../chart.ts'
import { ChartError } from '../load/chart-error.ts'
import type { Release, ReleaseHook } from '../release/release.ts'
import type { ReleaseFacts } from '../render/render-chart.ts'
import type { MutableValues } from '../values/set-parser.ts'

/**
 * What an action asks of the outside. Whoever drives the generator does it, at once or in time, and gives the answer to
 * `next`, or throws the failure into it.
 */
export type Effect =
  /** Answer: the revisions of a release, in any order. */
  | { readonly kind: 'history'; readonly name: string }
  | { readonly kind: 'record'; readonly release: Release; readonly as: 'created' | 'modified' }
  | { readonly kind: 'remove'; readonly name: string; readonly revision: number }
  /** Answer: {@link Rendered}. */
  | {
      readonly kind: 'render'
      readonly chart: Chart
      readonly values: MutableValues
      readonly release: ReleaseFacts
    }
  /** Whether the cluster has the kinds of the objects: a failure where it has not. */
  | { readonly kind: 'resolve'; readonly objects: readonly KubeObject[] }
  /** Answer: for each object what the cluster has, or nothing. */
  | { readonly kind: 'find'; readonly objects: readonly KubeObject[] }
  /** With `keepExisting` an object that is there already is no failure, and the answer is `false`. */
  | {
      readonly kind: 'create'
      readonly objects: readonly KubeObject[]
      readonly method: ApplyMethod
      readonly keepExisting?: boolean
    }
  /** Answer: {@link UpdateResult}. */
  | {
      readonly kind: 'update'
      readonly from: readonly KubeObject[]
      readonly to: readonly KubeObject[]
      readonly method: ApplyMethod
      /** Fields that were written without server-side apply become the applier's own. */
      readonly migrates: boolean
      /** `from` was not applied by this release: it says nothing about what is to be removed from the live objects. */
      readonly adopts: boolean
    }
  /** What a release is made of goes as the user asks (`uninstalls`), all else in the background. */
  | { readonly kind: 'delete'; readonly objects: readonly KubeObject[]; readonly uninstalls?: true }
  | { readonly kind: 'wait'; readonly objects: readonly KubeObject[]; readonly jobs: boolean }
  | { readonly kind: 'waitForDelete'; readonly objects: readonly KubeObject[] }
  | { readonly kind: 'watchUntilReady'; readonly objects: readonly KubeObject[] }
  /** What the containers of a hook have written is to be shown to the user. */
  | { readonly kind: 'showLogs'; readonly hook: ReleaseHook }

/** At the server, or at the client as Helm 3 did. */
export type ApplyMethod = 'ssa' | 'csa'

/** What an update did before it ended or failed. */
export type UpdateResult = {
  readonly created: readonly KubeObject[]
  readonly failure: Error | undefined
}

/** A sequence of effects that ends in `T`. */
export type Action<T> = Generator<Effect, T, unknown>

/** How an action ended. A release may be there although it failed. */
export type ActionResult = {
  readonly release: Release | undefined
  readonly failure: Error | undefined
}

/** Runs effects whose failure is an outcome: the failure, or nothing. */
export function* attempt(work: Action<void>): Action<Error | undefined> {
  try {
    yield* work
    return undefined
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

/** Runs effects whose answer does not matter. */
export function* perform(effect: Effect): Action<void> {
  yield effect
}

/** The revisions of a release, the oldest first. */
export function* historyOf(name: string): Action<readonly Release[]> {
  const history = (yield { kind: 'history', name }) as readonly Release[]
  return history.toSorted((a, b) => a.revision - b.revision)
}

/**
 * The objects of a manifest, in their order. Whether a cluster takes them is the cluster's to say.
 *
 * @throws {YamlError}
 * @throws {ChartError} `CHART_ACTION` for what has neither kind nor metadata
 */
export function objectsOf(manifest: string): readonly KubeObject[] {
  return parseYamlDocuments(manifest).flatMap(({ value }) => {
    if (value === null) return []
    if (isObjectLike(value)) return [value]
    throw new ChartError(
      'CHART_ACTION',
      'unable to build kubernetes objects from release manifest: an object has no kind or metadata',
    )
  })
}

/** As an object of Kubernetes, except that `apiVersion` may be missing. */
function isObjectLike(value: unknown): value is KubeObject {
  return isKubeObject({ ...(value as object), apiVersion: '' })
}
