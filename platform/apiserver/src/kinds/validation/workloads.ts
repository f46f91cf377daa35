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
import { cronProblem } from '../cron-schedule.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { type LabelSelector, matchesLabels } from '../selector.ts'
import {
  lowestOf,
  notAbove100Percent,
  notNegative,
  shownMap,
  shownSelector,
  validateIntOrPercent,
  validateSelector,
} from './basic.ts'
import { internalPodSpec } from './internal-form.ts'
import { validatePodTemplate } from './pod-spec.ts'

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

export function validateDeploymentUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return selectorImmutable(next, old)
}

export function validateReplicaSet(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  return [
    ...notNegatives(spec, ['replicas', 'minReadySeconds']),
    ...validateOwnSelector(spec, 'replicaset'),
    ...validateTemplate(spec),
  ]
}

export function validateReplicaSetUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return selectorImmutable(next, old)
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
    ...validateTemplate(spec, { owner: 'StatefulSet' }),
  ]
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

const jobCounts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]
const jobLabel = 'batch.kubernetes.io/controller-uid'

export function validateJob(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const { uid = '' } = object.metadata
  const selector = spec.selector as LabelSelector | undefined
  const { labels } = objectOf(objectOf(spec.template).metadata)
  const isOwn = spec.manualSelector !== true
  const generated = { matchLabels: { [jobLabel]: uid } }
  const picks = selector !== undefined && matchesLabels(selector, objectOf(labels) as Record<string, string>)
  return [
    ...validateJobSpec(spec, 'spec', {
      between: [
        ...(selector === undefined
          ? [required('spec.selector')]
          : validateSelector(objectOf(selector), 'spec.selector')),
        ...(isOwn && selector !== undefined && !jsonEqual(selector, generated)
          ? [invalidValue('spec.selector', shownSelector(selector), '`selector` not auto-generated')]
          : []),
        ...(picks
          ? []
          : [
              invalidValue(
                'spec.template.metadata.labels',
                shownMap(labels),
                '`selector` does not match template `labels`',
              ),
            ]),
      ],
    }),
  ]
}

function validateJobSpec(
  spec: JsonObject,
  field: string,
  { between }: { readonly between: readonly FieldError[] },
): FieldError[] {
  const mode = textOf(spec.completionMode)
  const template = objectOf(spec.template)
  const restart = textOf(objectOf(template.spec).restartPolicy)
  return [
    ...notNegatives(spec, jobCounts, field),
    ...(mode === '' || mode === 'NonIndexed' || mode === 'Indexed'
      ? []
      : [notSupported(`${field}.completionMode`, mode, ['NonIndexed', 'Indexed'])]),
    ...(mode === 'Indexed' && spec.completions === undefined
      ? [required(`${field}.completions`, 'when completion mode is Indexed')]
      : []),
    ...(mode !== 'Indexed' && spec.backoffLimitPerIndex !== undefined
      ? [
          invalidValue(
            `${field}.backoffLimitPerIndex`,
            spec.backoffLimitPerIndex,
            'requires indexed completion mode',
          ),
        ]
      : []),
    ...validateFailurePolicy(spec, field),
    ...between,
    ...validatePodTemplate(template, `${field}.template`),
    ...(restart === 'OnFailure' || restart === 'Never'
      ? []
      : [required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]),
  ]
}

const failureActions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const replacementPolicies = ['TerminatingOrFailed', 'Failed']

function validateFailurePolicy(spec: JsonObject, field: string): FieldError[] {
  const hasPolicy = spec.podFailurePolicy !== undefined
  const rules = listOf(objectOf(spec.podFailurePolicy).rules).flatMap((rule, index) => {
    const at = `${field}.podFailurePolicy.rules[${index}]`
    const action = textOf(rule.action)
    return [
      ...(failureActions.includes(action) ? [] : [notSupported(`${at}.action`, action, failureActions)]),
      ...(rule.onExitCodes === undefined
        ? []
        : validateExitCodes(objectOf(rule.onExitCodes), `${at}.onExitCodes`)),
    ]
  })
  const replacement = textOf(spec.podReplacementPolicy)
  const allowed = hasPolicy ? ['Failed'] : replacementPolicies
  return [
    ...rules,
    ...(replacement === '' || allowed.includes(replacement)
      ? []
      : [notSupported(`${field}.podReplacementPolicy`, replacement, allowed)]),
  ]
}

function validateExitCodes({ operator, values }: JsonObject, field: string): FieldError[] {
  const operators = ['In', 'NotIn']
  const seen = new Set<unknown>()
  const codes = Array.isArray(values) ? (values as readonly unknown[]) : []
  return [
    ...(operators.includes(textOf(operator))
      ? []
      : [notSupported(`${field}.operator`, operator ?? '', operators)]),
    ...codes.flatMap((code, index) => {
      const at = `${field}.values[${index}]`
      if (code === 0 && operator === 'In') {
        return [invalidValue(at, code, 'must not be 0 for the In operator')]
      }
      if (seen.has(code)) return [duplicate(at, code)]
      seen.add(code)
      return []
    }),
    ...(codes.length === 0
      ? [invalidValue(`${field}.values`, values ?? null, 'at least one value is required')]
      : []),
  ]
}

export function validateJobUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const a = specOf(next)
  const b = specOf(old)
  const fixed = [
    'completions',
    'selector',
    'podFailurePolicy',
    'completionMode',
    'backoffLimitPerIndex',
    'managedBy',
    'successPolicy',
  ]
  const errors = fixed
    .filter((name) => !jsonEqual(a[name], b[name]))
    .filter(
      (name) =>
        !(name === 'completions' && a.completionMode === 'Indexed' && a.completions === a.parallelism),
    )
    .map((name) =>
      invalidValue(
        `spec.${name}`,
        name === 'selector' ? shownSelector(a[name]) : (a[name] ?? null),
        immutable,
      ),
    )
  const template = b.suspend === true ? unscheduled : (it: JsonObject): JsonObject => it
  const wanted = template(objectOf(a.template))
  const stored = template(objectOf(b.template))
  const changed = ['metadata', 'spec'].filter((name) => !jsonEqual(wanted[name], stored[name]))
  return [
    ...errors,
    ...changed.map((name) => {
      const part = objectOf(objectOf(a.template)[name])
      const shown = name === 'spec' ? internalPodSpec(part) : part
      return invalidValue(`spec.template.${name}`, shown, immutable)
    }),
  ]
}

/** While a job is suspended, where its pods will run may still change. */
function unscheduled(template: JsonObject): JsonObject {
  const { metadata: _, spec, ...rest } = template
  const {
    nodeSelector: __,
    affinity: ___,
    tolerations: ____,
    schedulingGates: _____,
    ...podSpec
  } = objectOf(spec)
  return { ...rest, spec: podSpec }
}

const concurrency = ['Allow', 'Forbid', 'Replace']
const longestCronJobName = 52

export function validateCronJob(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const { name = '' } = object.metadata
  const policy = textOf(spec.concurrencyPolicy)
  return [
    ...(name.length > longestCronJobName
      ? [invalidValue('metadata.name', name, 'must be no more than 52 characters')]
      : []),
    ...validateSchedule(textOf(spec.schedule)),
    ...validateTimeZone(spec.timeZone),
    ...notNegatives(spec, ['startingDeadlineSeconds']),
    ...(policy === '' || concurrency.includes(policy)
      ? []
      : [notSupported('spec.concurrencyPolicy', policy, concurrency)]),
    ...notNegatives(spec, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']),
    ...validateJobSpec(objectOf(objectOf(spec.jobTemplate).spec), 'spec.jobTemplate.spec', { between: [] }),
  ]
}

function validateSchedule(schedule: string): FieldError[] {
  const field = 'spec.schedule'
  if (schedule === '') return [required(field)]
  if (/TZ/.test(schedule)) {
    return [invalidValue(field, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')]
  }
  const problem = cronProblem(schedule)
  return problem === undefined ? [] : [invalidValue(field, schedule, problem)]
}

function validateTimeZone(value: unknown): FieldError[] {
  const field = 'spec.timeZone'
  if (value === undefined) return []
  const zone = textOf(value)
  if (zone === '') return [invalidValue(field, value, 'timeZone must be nil or non-empty string')]
  if (zone.toLowerCase() === 'local') {
    return [
      invalidValue(
        field,
        value,
        'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ),
    ]
  }
  return isTimeZone(zone) ? [] : [invalidValue(field, value, `unknown time zone ${zone}`)]
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
