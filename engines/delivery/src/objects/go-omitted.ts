import type { JsonValue } from '@sluice/ports'
import type { StructuralSchema } from '@sluice/schema'

/**
 * Whether Go leaves a zero value out when it prints an optional field: it does for plain fields, not for pointers, which
 * tell 0 from nothing. The schemas do not say which a field is; most texts are plain, most numbers and booleans
 * pointers, and the rest is listed here.
 *
 * Source: the Go types of Kubernetes 1.37, k8s.io/api.
 */
export function isOmitted(name: string, value: JsonValue, schema: StructuralSchema): boolean {
  if (value === false) return plainBooleans.has(name)
  if (value === 0) return plainNumbers.has(name)
  return value === '' && !pointersToText.has(name) && !isHostPathType(name, schema)
}

const plainBooleans = new Set([
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'orphanDependents',
  'paused',
  'publishNotReadyAddresses',
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
  'unschedulable',
])

const plainNumbers = new Set([
  'failureThreshold',
  'healthCheckNodePort',
  'hostPort',
  'initialDelaySeconds',
  'minReadySeconds',
  'nodePort',
  'periodSeconds',
  'successThreshold',
  'timeoutSeconds',
])

const pointersToText = new Set([
  'appProtocol',
  'completionMode',
  'failurePolicy',
  'ingressClassName',
  'internalTrafficPolicy',
  'ipFamilyPolicy',
  'loadBalancerClass',
  'localhostProfile',
  'managedBy',
  'matchPolicy',
  'mountPropagation',
  'nodeAffinityPolicy',
  'nodeTaintsPolicy',
  'podReplacementPolicy',
  'preemptionPolicy',
  'procMount',
  'recursiveReadOnly',
  'reinvocationPolicy',
  'runtimeClassName',
  'scope',
  'sideEffects',
  'storageClassName',
  'timeZone',
  'unhealthyPodEvictionPolicy',
  'url',
  'volumeAttributesClassName',
  'volumeMode',
])

/** An empty type of a host path means that nothing is checked, and is told from none. */
function isHostPathType(name: string, { properties }: StructuralSchema): boolean {
  return name === 'type' && properties.size === 2 && properties.has('path')
}
