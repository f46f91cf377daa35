import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validateAnnotations, validateLabels } from '../object-meta.ts'
import {
  validateContainer,
  validateId,
  validateLifecycle,
  validateProbes,
  validateSubdomain,
} from './container.ts'
import { validateAffinity, validateNaming, validateSeccomp } from './pod-placement.ts'
import { validateVolumes } from './volumes.ts'

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const restartPolicies = ['Always', 'Never', 'OnFailure']
const effects = ['NoExecute', 'NoSchedule', 'PreferNoSchedule']

export function validatePodTemplate(template: JsonObject, field: string): FieldError[] {
  const { labels, annotations } = objectOf(template.metadata)
  return [
    ...validateLabels(labels as Readonly<Record<string, string>> | undefined, `${field}.labels`),
    ...validateAnnotations(
      annotations as Readonly<Record<string, string>> | undefined,
      `${field}.annotations`,
    ),
    ...validatePodSpec(objectOf(template.spec), `${field}.spec`),
  ]
}

/** What is wrong with a pod's spec, in the order in which Kubernetes finds it. */
export function validatePodSpec(spec: JsonObject, field: string): FieldError[] {
  const volumes = listOf(spec.volumes)
  const scope = { volumes: new Set(volumes.map((it) => textOf(it.name))) }
  const restart = textOf(spec.restartPolicy)
  const dns = textOf(spec.dnsPolicy)
  return [
    ...validateVolumes(volumes, `${field}.volumes`),
    ...validateContainers(spec, field, scope.volumes),
    ...(restart === '' || restartPolicies.includes(restart)
      ? []
      : [notSupported(`${field}.restartPolicy`, restart, restartPolicies)]),
    ...(dns === '' || dnsPolicies.includes(dns)
      ? []
      : [notSupported(`${field}.dnsPolicy`, dns, dnsPolicies)]),
    ...validateLabels(
      spec.nodeSelector as Readonly<Record<string, string>> | undefined,
      `${field}.nodeSelector`,
    ),
    ...validateSecurity(objectOf(spec.securityContext), `${field}.securityContext`),
    ...validateAffinity(objectOf(spec.affinity), `${field}.affinity`),
    ...listOf(spec.topologySpreadConstraints).flatMap((it, index) =>
      validateSpread(it, `${field}.topologySpreadConstraints[${index}]`),
    ),
    ...validateSubdomain(textOf(spec.serviceAccountName), `${field}.serviceAccountName`),
    ...validateSubdomain(textOf(spec.nodeName), `${field}.nodeName`),
    ...deadline(spec.activeDeadlineSeconds, `${field}.activeDeadlineSeconds`),
    ...['hostname', 'subdomain'].flatMap((name) => validateLabelName(textOf(spec[name]), `${field}.${name}`)),
    ...listOf(spec.tolerations).flatMap((it, index) =>
      validateToleration(it, `${field}.tolerations[${index}]`),
    ),
    ...validateNaming(spec, field),
    ...validateSubdomain(textOf(spec.priorityClassName), `${field}.priorityClassName`),
    ...validateSubdomain(textOf(spec.runtimeClassName), `${field}.runtimeClassName`),
  ]
}

function validateLabelName(value: string, field: string): FieldError[] {
  const problem = value === '' ? undefined : dnsLabel(value)
  return problem ? [invalidValue(field, value, problem)] : []
}

function deadline(value: unknown, field: string): FieldError[] {
  const isBad = typeof value === 'number' && (value < 1 || value > 2_147_483_647)
  return isBad ? [invalidValue(field, value, 'must be between 1 and 2147483647, inclusive')] : []
}

function validateContainers(spec: JsonObject, field: string, volumes: ReadonlySet<string>): FieldError[] {
  const containers = listOf(spec.containers)
  if (containers.length === 0) return [required(`${field}.containers`)]
  const names = new Set<string>()
  const errors = containers.flatMap((container, index) => {
    const at = `${field}.containers[${index}]`
    return [
      ...validateContainer(container, { field: at, volumes }),
      ...once(names, textOf(container.name), `${at}.name`),
      ...validateLifecycle(container, at),
      ...validateProbes(container, at),
    ]
  })
  const initial = listOf(spec.initContainers).flatMap((container, index) => {
    const at = `${field}.initContainers[${index}]`
    const stays = container.restartPolicy === 'Always'
    return [
      ...validateContainer(container, { field: at, volumes }),
      ...once(names, textOf(container.name), `${at}.name`),
      ...(stays
        ? [...validateLifecycle(container, at), ...validateProbes(container, at)]
        : ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
            .filter((name) => container[name] !== undefined)
            .map((name) =>
              forbiddenField(
                `${at}.${name}`,
                'may not be set for init containers without restartPolicy=Always',
              ),
            )),
    ]
  })
  return [...errors, ...initial, ...validateHostPorts(containers, `${field}.containers`)]
}

/** No two containers of a pod can have the same port of the machine. */
function validateHostPorts(containers: readonly JsonObject[], field: string): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap((container, index) =>
    listOf(container.ports).flatMap(({ hostPort, hostIP, protocol }, at) => {
      if (typeof hostPort !== 'number' || hostPort === 0) return []
      const shown = `${textOf(protocol)}/${textOf(hostIP)}/${hostPort}`
      const isTaken = taken.has(shown)
      taken.add(shown)
      return isTaken ? [duplicate(`${field}[${index}].ports[${at}].hostPort`, shown)] : []
    }),
  )
}

function once(names: Set<string>, name: string, field: string): FieldError[] {
  if (name === '') return []
  if (names.has(name)) return [duplicate(field, name)]
  names.add(name)
  return []
}

const sysctl = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

function validateSecurity(context: JsonObject, field: string): FieldError[] {
  return [
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...['fsGroup', 'runAsUser', 'runAsGroup'].flatMap((name) =>
      validateId(context[name], `${field}.${name}`),
    ),
    ...listOf(context.sysctls).flatMap((it, index) => {
      const at = `${field}.sysctls[${index}].name`
      const name = textOf(it.name)
      if (name === '') return [required(at)]
      if (name.length <= 253 && sysctl.test(name)) return []
      return [
        invalidValue(
          at,
          name,
          'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        ),
      ]
    }),
  ]
}

function validateSpread(constraint: JsonObject, field: string): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable } = constraint
  const choices = ['DoNotSchedule', 'ScheduleAnyway']
  return [
    ...(typeof maxSkew === 'number' && maxSkew > 0
      ? []
      : [invalidValue(`${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero')]),
    ...(textOf(topologyKey) === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...(choices.includes(textOf(whenUnsatisfiable))
      ? []
      : [notSupported(`${field}.whenUnsatisfiable`, textOf(whenUnsatisfiable), choices)]),
  ]
}

function validateToleration(toleration: JsonObject, field: string): FieldError[] {
  const key = textOf(toleration.key)
  const operator = textOf(toleration.operator)
  const effect = textOf(toleration.effect)
  const errors: FieldError[] = []
  if (key === '' && operator !== 'Exists') {
    errors.push(
      invalidValue(
        `${field}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(
      invalidValue(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    )
  }
  if (operator === 'Exists' && textOf(toleration.value) !== '') {
    errors.push(
      invalidValue(`${field}.operator`, toleration.value, "value must be empty when `operator` is 'Exists'"),
    )
  } else if (operator !== '' && operator !== 'Exists' && operator !== 'Equal') {
    errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']))
  }
  if (effect !== '' && !effects.includes(effect)) {
    errors.push(notSupported(`${field}.effect`, effect, effects))
  }
  return errors
}

export function validatePod(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  return [
    ...validatePodSpec(spec, 'spec'),
    ...['containers', 'initContainers'].flatMap((list) =>
      listOf(spec[list]).flatMap(({ image }, index) =>
        validateImage(textOf(image), `spec.${list}[${index}]`),
      ),
    ),
  ]
}

/** Templates may have such an image, pods may not. */
function validateImage(image: string, field: string): FieldError[] {
  if (image.trim() === image) return []
  return [invalidValue(`${field}.image`, image, 'must not have leading or trailing whitespace')]
}

/** Of a pod's spec hardly anything can change. */
export function validatePodUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const a = comparable(objectOf(next['spec']))
  const b = comparable(objectOf(old['spec']))
  if (jsonEqual(a, b)) return []
  return [
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ]
}

/** Fields of a pod's spec that may change after all. */
const changeable = new Set([
  'activeDeadlineSeconds',
  'ephemeralContainers',
  'nodeName',
  'schedulingGates',
  'terminationGracePeriodSeconds',
  'tolerations',
])

function comparable(spec: JsonObject): JsonObject {
  return {
    ...Object.fromEntries(Object.entries(spec).filter(([name]) => !changeable.has(name))),
    containers: listOf(spec.containers).map(withoutImage),
    initContainers: listOf(spec.initContainers).map(withoutImage),
  }
}

function withoutImage(container: JsonObject): JsonObject {
  return { ...container, image: undefined, resources: undefined }
}
