import type { KubeObject } from '@sluice/ports'
import { alertDefinition } from './alert.ts'
import { artifactGeneratorDefinition } from './artifact-generator.ts'
import { bucketDefinition } from './bucket.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { externalArtifactDefinition } from './external-artifact.ts'
import { gitRepositoryDefinition } from './git-repository.ts'
import { helmChartDefinition } from './helm-chart.ts'
import { helmReleaseDefinition } from './helm-release.ts'
import { helmRepositoryDefinition } from './helm-repository.ts'
import { imagePolicyDefinition } from './image-policy.ts'
import { imageRepositoryDefinition } from './image-repository.ts'
import { imageUpdateAutomationDefinition } from './image-update-automation.ts'
import type { KindDefinition } from './kind-definition.ts'
import { kustomizationDefinition } from './kustomization.ts'
import { ociRepositoryDefinition } from './oci-repository.ts'
import { providerDefinition } from './provider.ts'
import { receiverDefinition } from './receiver.ts'

/** Every kind of the toolkit. */
export const kindDefinitions: readonly KindDefinition[] = [
  gitRepositoryDefinition,
  ociRepositoryDefinition,
  helmRepositoryDefinition,
  helmChartDefinition,
  bucketDefinition,
  externalArtifactDefinition,
  artifactGeneratorDefinition,
  kustomizationDefinition,
  helmReleaseDefinition,
  imageRepositoryDefinition,
  imagePolicyDefinition,
  imageUpdateAutomationDefinition,
  alertDefinition,
  providerDefinition,
  receiverDefinition,
]

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
