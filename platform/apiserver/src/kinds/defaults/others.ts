import type { JsonObject, KubeObject } from '@sluice/ports'
import { cpuMetric } from '../../builtin/autoscaler-versions.ts'
import { change, changeItems, changeSpec, fill, listOf, objectOf, textOf } from '../json-fields.ts'

const rbacGroup = 'rbac.authorization.k8s.io'

export function defaultService(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => {
    const type = textOf(spec.type) || 'ClusterIP'
    const withPorts = changeItems(spec, 'ports', (port) => withTarget(fill(port, { protocol: 'TCP' })))
    const filled = fill(withPorts, {
      type,
      sessionAffinity: 'None',
      ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    })
    return fill(withAffinity(filled), {
      ...(isExternal(filled) ? { externalTrafficPolicy: 'Cluster' } : {}),
      ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    })
  })
}

/** Whether traffic comes to a service from outside of the cluster. */
export function isExternal({ type, externalIPs }: JsonObject): boolean {
  return (
    type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && listOf(externalIPs).length > 0)
  )
}

const affinitySeconds = 10_800

function withAffinity(spec: JsonObject): JsonObject {
  const { sessionAffinityConfig: config, ...rest } = spec
  if (spec.sessionAffinity === 'None') return rest
  if (spec.sessionAffinity !== 'ClientIP') return spec
  const clientIP = fill(objectOf(objectOf(config).clientIP), { timeoutSeconds: affinitySeconds })
  return { ...rest, sessionAffinityConfig: { clientIP } }
}

/** A target of 0 or of no name is none: clients that have the type in Go send that. */
function withTarget(port: JsonObject): JsonObject {
  const { targetPort } = port
  const isSet = targetPort !== undefined && targetPort !== null && targetPort !== 0 && targetPort !== ''
  return isSet || port.port === undefined ? port : { ...port, targetPort: port.port }
}

export function defaultEndpoints(object: KubeObject): KubeObject {
  const subsets = listOf(object['subsets']).map((subset) =>
    changeItems(subset, 'ports', (port) => fill(port, { protocol: 'TCP' })),
  )
  return object['subsets'] === undefined ? object : { ...object, subsets }
}

export function defaultEndpointSlice(object: KubeObject): KubeObject {
  const ports = listOf(object['ports']).map((port) => fill(port, { name: '', protocol: 'TCP' }))
  return object['ports'] === undefined ? object : { ...object, ports }
}

export function defaultNetworkPolicy(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => {
    const rules = ['ingress', 'egress'].reduce(
      (current, name) =>
        changeItems(current, name, (rule) =>
          changeItems(rule, 'ports', (port) => fill(port, { protocol: 'TCP' })),
        ),
      spec,
    )
    const policyTypes = ['Ingress', ...(listOf(spec.egress).length > 0 ? ['Egress'] : [])]
    return fill(rules, { policyTypes })
  })
}

export function defaultAutoscaler(object: KubeObject): KubeObject {
  // Version 1 gets its metric when it is brought into version 2.
  const isFirst = object.apiVersion === 'autoscaling/v1'
  return changeSpec(object, (spec) =>
    change(
      fill(spec, {
        minReplicas: 1,
        ...(isFirst || listOf(spec.metrics).length > 0 ? {} : { metrics: [cpuMetric] }),
      }),
      'behavior',
      (behavior) => ({
        scaleUp: fill(objectOf(behavior.scaleUp), scaleUp),
        scaleDown: fill(objectOf(behavior.scaleDown), scaleDown),
      }),
    ),
  )
}

const doubled = { type: 'Percent', value: 100, periodSeconds: 15 }
/** As fast as it may grow, and shrink, where nothing else is said. */
const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, doubled],
}
const scaleDown = { selectPolicy: 'Max', policies: [doubled] }

export function defaultIngressClass(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => change(spec, 'parameters', (it) => fill(it, { scope: 'Cluster' })))
}

export function defaultBinding(object: KubeObject): KubeObject {
  const subjects = listOf(object['subjects']).map((subject) =>
    subject.kind === 'ServiceAccount' ? subject : withGroup(subject),
  )
  return {
    ...object,
    roleRef: withGroup(objectOf(object['roleRef'])),
    ...(object['subjects'] === undefined ? {} : { subjects }),
  }
}

function withGroup(reference: JsonObject): JsonObject {
  return textOf(reference.apiGroup) === '' ? { ...reference, apiGroup: rbacGroup } : reference
}

export function defaultPriorityClass(object: KubeObject): KubeObject {
  return { preemptionPolicy: 'PreemptLowerPriority', ...object }
}

export function defaultLimitRange(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) =>
    changeItems(spec, 'limits', (limit) => {
      if (limit.type !== 'Container') return limit
      const byMax =
        limit.max === undefined
          ? limit
          : { ...limit, default: fill(objectOf(limit.default), objectOf(limit.max)) }
      if (byMax.default === undefined && byMax.min === undefined) return byMax
      const requests = fill(objectOf(byMax.defaultRequest), objectOf(byMax.default))
      return { ...byMax, defaultRequest: fill(requests, objectOf(byMax.min)) }
    }),
  )
}

export function defaultWebhooks(object: KubeObject): KubeObject {
  const isMutating = object.kind.startsWith('Mutating')
  const webhooks = listOf(object['webhooks']).map((webhook) => {
    const filled = fill(webhook, {
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      ...(isMutating ? { reinvocationPolicy: 'Never' } : {}),
    })
    const withPort = change(filled, 'clientConfig', (it) =>
      change(it, 'service', (s) => fill(s, { port: 443 })),
    )
    return changeItems(withPort, 'rules', (rule) => fill(rule, { scope: '*' }))
  })
  return object['webhooks'] === undefined ? object : { ...object, webhooks }
}

export function defaultAdmissionPolicy(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) =>
    change(fill(spec, { failurePolicy: 'Fail' }), 'matchConstraints', defaultMatchResources),
  )
}

export function defaultAdmissionBinding(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => change(spec, 'matchResources', defaultMatchResources))
}

function defaultMatchResources(match: JsonObject): JsonObject {
  const filled = fill(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} })
  return ['resourceRules', 'excludeResourceRules'].reduce(
    (current, name) => changeItems(current, name, (rule) => fill(rule, { scope: '*' })),
    filled,
  )
}
