import type { CacheChange, Resource } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { Watch } from '@sluice/runtime'
import { findCondition, type ToolkitObject } from '@sluice/toolkit'
import { type Dependent, dependencyKeys } from './dependencies.ts'
import { defaultConfigSelector } from './remembered-configs.ts'

/** The status of an object's condition Ready. */
export function readyStatus({ status }: Pick<ToolkitObject, 'status'>): string | undefined {
  return findCondition(status?.conditions ?? [], 'Ready')?.status
}

/**
 * A dependency that became ready, or is otherwise another one to the usual rule and to most expressions, wakes what waits
 * for it; who is ready waits for nothing.
 *
 * @param more what else of a dependency counts
 */
export function dependencyWatch<T extends Dependent>(
  resource: Resource,
  more: (dependency: T) => unknown = () => undefined,
): Watch<T> {
  const readinessOf = (object: KubeObject | undefined): string =>
    object === undefined ? '' : JSON.stringify([usualReadiness(object), more(object as T)])
  return {
    resource,
    refersTo: (object) => (readyStatus(object) === 'True' ? [] : dependencyKeys(object)),
    when: ({ before, after }) => readinessOf(before) !== readinessOf(after),
  }
}

/** Whether an object is another one to the usual rule. */
export function readinessChanged({ before, after }: CacheChange<KubeObject>): boolean {
  return readinessText(before) !== readinessText(after)
}

function readinessText(object: KubeObject | undefined): string {
  return object === undefined ? '' : JSON.stringify(usualReadiness(object))
}

function usualReadiness({ status, metadata }: Pick<ToolkitObject, 'status' | 'metadata'>): unknown {
  return [
    readyStatus({ ...(status && { status }) }),
    status?.observedGeneration,
    metadata.generation,
    metadata.labels,
    metadata.annotations,
  ]
}

/** Which Secrets and ConfigMaps wake what reads them. */
export type ConfigWatchOptions = {
  /** Those with these labels, all when empty. Default: those that ask for it by the toolkit's label. */
  readonly watchConfigsLabelSelector?: string
  /** None at all. Default: `false`. */
  readonly disableConfigWatchers?: boolean
}

/**
 * Secrets and ConfigMaps that ask for it by a label wake what reads them.
 *
 * @param namesOf the objects of a kind that are read
 */
export function configWatches<T extends ToolkitObject>(
  namesOf: (kind: 'Secret' | 'ConfigMap', object: T) => readonly (string | undefined)[],
  { watchConfigsLabelSelector, disableConfigWatchers = false }: ConfigWatchOptions,
): readonly Watch<T>[] {
  if (disableConfigWatchers) return []
  const labelSelector = watchConfigsLabelSelector ?? defaultConfigSelector
  return (['Secret', 'ConfigMap'] as const).map((kind) =>
    configWatch(kind, (object) => namesOf(kind, object), labelSelector),
  )
}

function configWatch<T extends ToolkitObject>(
  kind: 'Secret' | 'ConfigMap',
  namesOf: (object: T) => readonly (string | undefined)[],
  labelSelector: string,
): Watch<T> {
  return {
    resource: { group: '', version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced: true },
    ...(labelSelector !== '' && { labelSelector }),
    metadataOnly: true,
    refersTo: (object) =>
      namesOf(object)
        .filter((name) => name !== undefined)
        .map((name) => ({ namespace: object.metadata.namespace ?? '', name })),
  }
}
