import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { type LabelSelector, matchesLabels } from '../selector.ts'
import type { StrategyContext } from '../strategy.ts'
import {
  lowestOf,
  notAbove100Percent,
  notNegative,
  shownMap,
  shownSelector,
  validateIntOrPercent,
  validateSelector,
} from './basic.ts'
import { validateLabelName } from './formats.ts'
import { validatePodTemplate } from './pod-spec.ts'
import { validateCounts } from './replica-counts.ts'

const immutable = 'field is immutable'
const templateField = 'spec.template'

function specOf(object: KubeObject): JsonObject {
  return objectOf(object['spec'])
}

function notNegatives(spec: JsonObject, names: readonly string[], prefix = 'spec'): FieldError[] {
  return names.flatMap((name) => notNegative(spec[name], `${prefix}.${name}`))
}

/** The selector of a workload: present, well-formed and not empty. `missing` false where emptiness is found elsewhere. */
function validateOwnSelector(spec: JsonObject, kind: string, missing = true): FieldError[] {
  const { selector } = spec
  if (selector === undefined) return missing ? [required('spec.selector')] : []
  const errors = validateSelector(objectOf(selector), 'spec.selector')
  const { matchLabels, matchExpressions } = objectOf(selector)
  const isEmpty = Object.keys(objectOf(matchLabels)).length + listOf(matchExpressions).length === 0
  return isEmpty
    ? [...errors, invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)]
    : errors
}

/** The template's labels must be what the selector picks, and its pods must be able to stay. */
function validateTemplate(spec: JsonObject, { owner = 'ReplicaSet' } = {}): FieldError[] {
  const template = objectOf(spec.template)
  const { labels } = objectOf(template.metadata)
  const selector = spec.selector as LabelSelector | undefined
  const { matchLabels, matchExpressions } = objectOf(spec.selector)
  const isEmpty = Object.keys(objectOf(matchLabels)).length + listOf(matchExpressions).length === 0
  const picks =
    selector !== undefined && (isEmpty || matchesLabels(selector, objectOf(labels) as Record<string, string>))
  const podSpec = objectOf(template.spec)
  const restart = textOf(podSpec.restartPolicy)
  const errors = validatePodTemplate(template, templateField)
  const at = `${templateField}.spec`
  return [
    ...(picks
      ? []
      : [
          invalidValue(
            `${templateField}.metadata.labels`,
            shownMap(labels),
            '`selector` does not match template `labels`',
          ),
        ]),
    ...errors,
    ...(restart === '' || restart === 'Always'
      ? []
      : [notSupported(`${at}.restartPolicy`, restart, ['Always'])]),
    ...(podSpec.activeDeadlineSeconds === undefined
      ? []
      : [
          forbiddenField(`${at}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`),
        ]),
  ]
}

/** A strategy as Go prints it. */
function goStrategy(strategy: JsonObject): object {
  return { Type: strategy.type, RollingUpdate: strategy.rollingUpdate ?? null }
}

export function validateDeployment(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const progress = numberOf(spec.progressDeadlineSeconds)
  const ready = numberOf(spec.minReadySeconds) ?? 0
  return [
    ...notNegatives(spec, ['replicas']),
    ...validateOwnSelector(spec, 'deployment'),
    ...validateTemplate(spec),
    ...validateDeploymentStrategy(objectOf(spec.strategy)),
    ...notNegatives(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ...(progress !== undefined && progress <= ready
      ? [invalidValue('spec.progressDeadlineSeconds', progress, 'must be greater than minReadySeconds')]
      : []),
  ]
}

function validateDeploymentStrategy(strategy: JsonObject): FieldError[] {
  const field = 'spec.strategy'
  const rolling = `${field}.rollingUpdate`
  if (strategy.type === 'Recreate') {
    return strategy.rollingUpdate === undefined
      ? []
      : [forbiddenField(rolling, "may not be specified when strategy `type` is 'Recreate'")]
  }
  if (strategy.type !== 'RollingUpdate') {
    return [notSupported(field, goStrategy(strategy), ['Recreate', 'RollingUpdate'])]
  }
  const { maxSurge, maxUnavailable } = objectOf(strategy.rollingUpdate)
  return [
    ...validateIntOrPercent(maxUnavailable, `${rolling}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${rolling}.maxSurge`),
    ...(isZero(maxSurge) && isZero(maxUnavailable)
      ? [invalidValue(`${rolling}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...notAbove100Percent(maxUnavailable, `${rolling}.maxUnavailable`),
  ]
}

function isZero(value: unknown): boolean {
  return (
    value === 0 ||
    value === '0%' ||
    (typeof value === 'string' && lowestOf(value) === 0 && /^0+%$/.test(value))
  )
}

function selectorImmutable(next: KubeObject, old: KubeObject): FieldError[] {
  const { selector } = specOf(next)
  return jsonEqual(selector, specOf(old).selector)
    ? []
    : [invalidValue('spec.selector', shownSelector(selector), immutable)]
}

export function validateDeploymentUpdate(
  next: KubeObject,
  old: KubeObject,
  { subresource }: Pick<StrategyContext, 'subresource'>,
): FieldError[] {
  return subresource === 'status'
    ? validateCounts(next, ['updatedReplicas', 'readyReplicas', 'availableReplicas'])
    : selectorImmutable(next, old)
}

export function validateReplicaSet(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  return [
    ...notNegatives(spec, ['replicas', 'minReadySeconds']),
    ...validateOwnSelector(spec, 'replicaset'),
    ...validateTemplate(spec),
  ]
}

export function validateReplicaSetUpdate(
  next: KubeObject,
  old: KubeObject,
  { subresource }: Pick<StrategyContext, 'subresource'>,
): FieldError[] {
  return subresource === 'status'
    ? validateCounts(next, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])
    : selectorImmutable(next, old)
}

const retention = ['Retain', 'Delete']

export function validateStatefulSet(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const management = textOf(spec.podManagementPolicy)
  const policy = objectOf(spec.persistentVolumeClaimRetentionPolicy)
  return [
    ...(management === 'OrderedReady' || management === 'Parallel'
      ? []
      : [invalidValue('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'")]),
    ...validateStatefulStrategy(objectOf(spec.updateStrategy)),
    ...['whenDeleted', 'whenScaled'].flatMap((name) => {
      const value = textOf(policy[name])
      const field = `spec.persistentVolumeClaimRetentionPolicy.${name}`
      return value === '' || retention.includes(value) ? [] : [notSupported(field, value, retention)]
    }),
    ...notNegatives(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit']),
    ...notNegative(objectOf(spec.ordinals).start, 'spec.ordinals.start'),
    ...validateOwnSelector(spec, 'statefulset'),
    ...validateTemplate(withClaims(spec), { owner: 'StatefulSet' }),
  ]
}

/** The pods of a StatefulSet have its claims as volumes, beside those of the template. */
function withClaims(spec: JsonObject): JsonObject {
  const template = objectOf(spec.template)
  const podSpec = objectOf(template.spec)
  const volumes = listOf(podSpec.volumes)
  const claims = listOf(spec.volumeClaimTemplates)
    .map((it) => textOf(objectOf(it.metadata).name))
    .filter((name) => dnsLabel(name) === undefined && volumes.every((it) => it.name !== name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...spec, template: { ...template, spec: { ...podSpec, volumes: [...volumes, ...claims] } } }
}

function validateStatefulStrategy(strategy: JsonObject): FieldError[] {
  const field = 'spec.updateStrategy'
  const { type, rollingUpdate } = strategy
  if (type === 'OnDelete') {
    if (rollingUpdate === undefined) return []
    const { partition = 0, maxUnavailable = null } = objectOf(rollingUpdate)
    const shown = { Partition: partition, MaxUnavailable: maxUnavailable }
    return [invalidValue(`${field}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'")]
  }
  if (type !== 'RollingUpdate') {
    return textOf(type) === ''
      ? [required(field)]
      : [invalidValue(field, goStrategy(strategy), "must be 'RollingUpdate' or 'OnDelete'")]
  }
  return notNegative(objectOf(rollingUpdate).partition, `${field}.rollingUpdate.partition`)
}

const statefulMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'revisionHistoryLimit',
]

export function validateStatefulSetUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return jsonEqual(without(specOf(next), statefulMutable), without(specOf(old), statefulMutable))
    ? []
    : [
        forbiddenField(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ]
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

export function validateDaemonSet(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  return [
    ...validateOwnSelector(spec, 'daemonset', false),
    ...validateTemplate(spec, { owner: 'DaemonSet' }),
    ...notNegatives(spec, ['minReadySeconds']),
    ...validateDaemonStrategy(objectOf(spec.updateStrategy)),
    ...notNegatives(spec, ['revisionHistoryLimit']),
  ]
}

function validateDaemonStrategy(strategy: JsonObject): FieldError[] {
  const field = 'spec.updateStrategy'
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate') {
    return [notSupported(field, goStrategy(strategy), ['RollingUpdate', 'OnDelete'])]
  }
  const rolling = `${field}.rollingUpdate`
  const { maxSurge, maxUnavailable } = objectOf(strategy.rollingUpdate)
  const noSurge = isZero(maxSurge)
  const noneUnavailable = isZero(maxUnavailable)
  return [
    ...validateIntOrPercent(maxUnavailable, `${rolling}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${rolling}.maxSurge`),
    ...(!noSurge && !noneUnavailable
      ? [invalidValue(`${rolling}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(noSurge && noneUnavailable
      ? [required(`${rolling}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')]
      : []),
    ...notAbove100Percent(maxUnavailable, `${rolling}.maxUnavailable`),
    ...notAbove100Percent(maxSurge, `${rolling}.maxSurge`),
  ]
}

export function validateDaemonSetUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return selectorImmutable(next, old)
}

/** The service of a StatefulSet gives its pods their names. */
export function validateNewStatefulSet(object: KubeObject): FieldError[] {
  return validateLabelName(textOf(specOf(object).serviceName), 'spec.serviceName')
}

export function validateReplicationController(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const isSelecting = Object.keys(objectOf(spec.selector)).length > 0
  const selector = { matchLabels: objectOf(spec.selector) }
  return [
    ...notNegatives(spec, ['minReadySeconds']),
    ...(isSelecting ? [] : [required('spec.selector')]),
    ...notNegatives(spec, ['replicas']),
    ...(spec.template === undefined
      ? [required(templateField)]
      : validateTemplate({ ...spec, selector }, { owner: 'ReplicationController' })),
  ]
}

export function validatePodTemplateObject(object: KubeObject): FieldError[] {
  return validatePodTemplate(objectOf(object['template']), 'template')
}
