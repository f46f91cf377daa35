import type { JsonObject } from '@sluice/ports'
import { allContainers } from './defaults/pod-template.ts'
import { objectOf } from './json-fields.ts'

/**
 * How much of what a pod wants is promised to it, by the spec of the pod.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClassOf(spec: JsonObject): string {
  const resources = allContainers(spec).map((it) => objectOf(it.resources))
  const amounts = ['cpu', 'memory']
  const isNone = resources.every(({ limits, requests }) =>
    amounts.every((it) => objectOf(limits)[it] === undefined && objectOf(requests)[it] === undefined),
  )
  if (isNone) return 'BestEffort'
  const isFixed = resources.every(({ limits, requests }) =>
    amounts.every((it) => {
      const limit = objectOf(limits)[it]
      const request = objectOf(requests)[it]
      return limit !== undefined && (request === undefined || request === limit)
    }),
  )
  return isFixed ? 'Guaranteed' : 'Burstable'
}
