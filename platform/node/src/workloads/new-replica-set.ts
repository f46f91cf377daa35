import type { KubeObject } from '@sluice/ports'
import { type Deployment, revisionAnnotation } from './deployment-kinds.ts'
import { bounds } from './rolling-update.ts'
import { hashName } from './template-hash.ts'
import { controlledBy, type PodTemplate, sameContent } from './workload.ts'

/** Sets a ReplicaSet and its pods apart from those of other templates. */
const hashLabel = 'pod-template-hash'

/** Annotations of a Deployment that say nothing about its sets. */
const ownAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation])

/** The ReplicaSet for a Deployment's present template. */
export function newReplicaSet(
  deployment: Deployment,
  { revision, size }: { readonly revision: number; readonly size: number },
): KubeObject {
  const { template, selector, minReadySeconds, replicas = 1 } = deployment.spec
  const hash = hashName(template)
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.has(key),
  )
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: {
        ...Object.fromEntries(inherited),
        'deployment.kubernetes.io/desired-replicas': String(replicas),
        'deployment.kubernetes.io/max-replicas': String(replicas + bounds(deployment).maxSurge),
        [revisionAnnotation]: String(revision),
      },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas: size,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

/** Whether a set's template is the Deployment's, the hash that sets it apart left aside. */
export function sameTemplate(ofSet: PodTemplate, ofDeployment: PodTemplate): boolean {
  return sameContent(withoutHash(ofSet), withoutHash(ofDeployment))
}

function withoutHash({ metadata, ...rest }: PodTemplate): unknown {
  const labels = Object.entries(metadata?.labels ?? {}).filter(([key]) => key !== hashLabel)
  return { ...rest, metadata: { ...metadata, labels: Object.fromEntries(labels) } }
}
