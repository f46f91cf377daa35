import type { KubeObject } from '@sluice/ports'
import { ApiError } from '../api-error.ts'
import type { Cluster } from '../cluster.ts'

const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true } as const

/** Pods that the selector of a controller of pods selects; none when they may not be seen, or it selects everything. */
export async function selectedPods(
  controller: KubeObject,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<readonly KubeObject[]> {
  const { selector } = (controller['spec'] ?? {}) as { readonly selector?: LabelSelector }
  const labelSelector = selectorText(selector ?? {})
  const { namespace } = controller.metadata
  if (labelSelector === '' || namespace === undefined) return []
  try {
    const { items } = await cluster.list(pods, { namespace, labelSelector, signal })
    return items
  } catch (error) {
    signal.throwIfAborted()
    // Whoever may not see pods, or asks while the server is away, judges by the controller's own status.
    if (error instanceof ApiError) return []
    throw error
  }
}

type LabelSelector = {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** A selector as requests have it. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'Exists':
        return key
      case 'DoesNotExist':
        return `!${key}`
      default:
        return `${key} ${operator.toLowerCase()} (${values.join(',')})`
    }
  })
  return [...labels, ...expressions].join(',')
}
