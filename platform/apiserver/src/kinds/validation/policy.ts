import { jsonEqual } from '@sluice/merge'
import { type JsonObject, type KubeObject, qualifiedNameProblems } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../status/field-error.ts'
import { numberOf, objectOf, textOf } from '../json-fields.ts'
import { notAbove100Percent, shownSelector, validateIntOrPercent, validateSelector } from './basic.ts'

const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget']

export function validateDisruptionBudget(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec
  const shown = {
    MinAvailable: minAvailable ?? null,
    Selector: shownSelector(selector),
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: policy ?? null,
  }
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...['minAvailable', 'maxUnavailable'].flatMap((name) => [
      ...validateIntOrPercent(spec[name], `spec.${name}`),
      ...notAbove100Percent(spec[name], `spec.${name}`),
    ]),
    ...validateSelector(objectOf(selector), 'spec.selector'),
    ...(policy === undefined || evictionPolicies.includes(textOf(policy))
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, evictionPolicies)]),
  ]
}

const highestPriority = 1_000_000_000
const systemPriorities: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])
const preemptionPolicies = ['Never', 'PreemptLowerPriority']

export function validatePriorityClass(object: KubeObject): FieldError[] {
  const { name = '' } = object.metadata
  const value = numberOf(object['value']) ?? 0
  const { preemptionPolicy: policy } = object
  const unknownPolicy =
    policy === undefined || preemptionPolicies.includes(textOf(policy))
      ? []
      : [notSupported('preemptionPolicy', policy, ['PreemptLowerPriority', 'Never'])]
  if (name.startsWith('system-')) {
    if (systemPriorities.get(name) === value) return unknownPolicy
    const why = systemPriorities.has(name)
      ? `value of ${name} PriorityClass must be ${systemPriorities.get(name)}`
      : `${name} is not a known system priority class`
    return [
      forbiddenField(
        'metadata.name',
        `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`,
      ),
      ...unknownPolicy,
    ]
  }
  return [
    ...(value > highestPriority
      ? [forbiddenField('value', `maximum allowed value of a user defined priority is ${highestPriority}`)]
      : []),
    ...unknownPolicy,
  ]
}

export function validatePriorityClassUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return [
    ...(next['value'] === old['value'] ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...(next['preemptionPolicy'] === old['preemptionPolicy']
      ? []
      : [invalidValue('preemptionPolicy', next['preemptionPolicy'], 'field is immutable')]),
  ]
}

const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

const longestParameters = 262_144
const mostParameters = 512

export function validateStorageClass(object: KubeObject): FieldError[] {
  const { reclaimPolicy, volumeBindingMode } = object
  const provisioner = textOf(object['provisioner'])
  return [
    ...(provisioner === ''
      ? [required('provisioner')]
      : qualifiedNameProblems(provisioner.toLowerCase()).map((it) =>
          invalidValue('provisioner', provisioner, it),
        )),
    ...validateParameters(objectOf(object['parameters'])),
    ...(reclaimPolicies.includes(textOf(reclaimPolicy))
      ? []
      : [notSupported('reclaimPolicy', reclaimPolicy ?? '', reclaimPolicies)]),
    ...(bindingModes.includes(textOf(volumeBindingMode))
      ? []
      : [notSupported('volumeBindingMode', volumeBindingMode ?? '', bindingModes)]),
  ]
}

function validateParameters(parameters: JsonObject): FieldError[] {
  const entries = Object.entries(parameters)
  if (entries.length > mostParameters) return [tooLong('parameters', mostParameters)]
  const size = entries.reduce((sum, [key, value]) => sum + key.length + textOf(value).length, 0)
  return [
    ...(Object.hasOwn(parameters, '') ? [invalidValue('parameters', '', 'field can not be empty.')] : []),
    ...(size > longestParameters ? [tooLong('parameters', longestParameters)] : []),
  ]
}

export function validateStorageClassUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return [
    ...['parameters', 'provisioner', 'reclaimPolicy']
      .filter((name) => !jsonEqual(next[name] ?? null, old[name] ?? null))
      .map((name) => forbiddenField(name, `updates to ${name} are forbidden.`)),
    ...(next['volumeBindingMode'] === old['volumeBindingMode']
      ? []
      : [invalidValue('volumeBindingMode', next['volumeBindingMode'], 'field is immutable')]),
  ]
}

export function validateLease(object: KubeObject): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = objectOf(object['spec'])
  return [
    ...(typeof duration === 'number' && duration <= 0
      ? [invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
      : []),
    ...(typeof transitions === 'number' && transitions < 0
      ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ]
}
