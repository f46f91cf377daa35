import type { KubeObject } from '@sluice/ports'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { gitRepositoryDefinition } from './git-repository.ts'
import type { KindDefinition } from './kind-definition.ts'
import { kustomizationDefinition } from './kustomization.ts'

/** Every kind of the toolkit. */
export const kindDefinitions: readonly KindDefinition[] = [gitRepositoryDefinition, kustomizationDefinition]

/** The CRDs of all kinds, as they are installed into a cluster. */
export function customResourceDefinitions(): readonly KubeObject[] {
  return kindDefinitions.map(customResourceDefinition)
}

/** Where the API serves a kind, in its storage version; the shape of `Resource` in `@sluice/cluster`. */
export function resourceOf({ group, storage, kind, plural }: KindDefinition): {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: true
} {
  return { group, version: storage, kind, plural, namespaced: true }
}
