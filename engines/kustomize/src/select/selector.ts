import type { Selector } from '../kustomization/types.ts'
import { compileWhole } from '../regexp.ts'
import { effectiveNamespace, type Gvk } from '../resource/res-id.ts'
import type { Resource } from '../resource/resource.ts'
import { compileLabelSelector, type LabelMatcher } from './label-selector.ts'

/** A compiled {@link Selector}. */
export type SelectorMatcher = {
  readonly matchesGvk: (gvk: Gvk) => boolean
  readonly matchesName: (name: string) => boolean
  readonly matchesNamespace: (namespace: string) => boolean
}

/** @throws {KustomizeError} when a part is no regular expression. */
export function compileSelector(selector: Selector): SelectorMatcher {
  const group = compileWhole(selector.group ?? '')
  const version = compileWhole(selector.version ?? '')
  const kind = compileWhole(selector.kind ?? '')
  return {
    matchesGvk: (gvk) => group(gvk.group) && version(gvk.version) && kind(gvk.kind),
    matchesName: compileWhole(selector.name ?? ''),
    matchesNamespace: compileWhole(selector.namespace ?? ''),
  }
}

/** The resources that a selector means, by the name and namespace they have or came with. */
export function selectResources(resources: readonly Resource[], selector: Selector): Resource[] {
  const { matchesGvk, matchesName, matchesNamespace } = compileSelector(selector)
  const labels = compileOptional(selector.labelSelector)
  const annotations = compileOptional(selector.annotationSelector)
  return resources.filter((resource) => {
    if (!matchesGvk(resource.gvk)) return false
    const { id, originalId } = resource
    if (!matchesName(originalId.name) && !matchesName(id.name)) return false
    const inNamespace =
      matchesNamespace(effectiveNamespace(originalId)) || matchesNamespace(effectiveNamespace(id))
    return (
      inNamespace &&
      (!labels || labels(resource.labels)) &&
      (!annotations || annotations(resource.annotations))
    )
  })
}

function compileOptional(selector = ''): LabelMatcher | undefined {
  return selector.trim() === '' ? undefined : compileLabelSelector(selector)
}
