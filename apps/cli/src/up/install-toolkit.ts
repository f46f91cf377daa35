import { type Cluster, isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { customResourceDefinitions, fieldManagers } from '@sluice/toolkit'

/** The namespace of the toolkit itself, as in Flux. */
export const toolkitNamespace = 'flux-system'

const namespace: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: toolkitNamespace },
}

/** Brings the CRDs of all kinds and the toolkit's namespace into the cluster, or up to date. */
export async function installToolkit(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const [crds, namespaces] = await Promise.all([
    cluster.resourceFor('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { signal }),
    cluster.resourceFor('v1', 'Namespace', { signal }),
  ])
  const write = { fieldManager: fieldManagers.cli, force: true, signal }
  await Promise.all([
    cluster.apply(namespaces, namespace, write),
    ...customResourceDefinitions().map((it) => cluster.apply(crds, it, write)),
  ])
  await Promise.all(
    customResourceDefinitions().map((it) => established(cluster, it.metadata.name ?? '', signal)),
  )

  async function established(on: Cluster, name: string, until: AbortSignal): Promise<void> {
    for (;;) {
      // Sequential: the next look follows the last one's answer.
      const { items, resourceVersion } = await on.list(crds, {
        fieldSelector: `metadata.name=${name}`,
        signal: until,
      })
      if (items.some(isEstablished)) return
      try {
        for await (const { object } of on.watch(crds, {
          fieldSelector: `metadata.name=${name}`,
          resourceVersion,
          signal: until,
        })) {
          if (isEstablished(object)) return
        }
      } catch (error) {
        if (!isApiError(error, 'Expired')) throw error
      }
    }
  }
}

function isEstablished(crd: KubeObject): boolean {
  // A new CRD has `conditions: null`.
  const { conditions } = (crd['status'] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null
  }
  return (conditions ?? []).some((it) => it.type === 'Established' && it.status === 'True')
}
