import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, invalidValue, notSupported, required, tooLong } from '../../status/field-error.ts'
import { cronProblem } from '../cron-schedule.ts'
import { numberOf, objectOf, textOf } from '../json-fields.ts'
import { type LabelSelector, matchesLabels } from '../selector.ts'
import { notNegative, shownMap, shownSelector, validateSelector } from './basic.ts'
import { validateDomainPath } from './formats.ts'
import { internalPodSpec } from './internal-form.ts'
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { validatePodTemplate } from './pod-spec.ts'

const immutable = 'field is immutable'

function specOf(object: KubeObject): JsonObject {
  return objectOf(object['spec'])
}

function notNegatives(spec: JsonObject, names: readonly string[], prefix = 'spec'): FieldError[] {
  return names.flatMap((name) => notNegative(spec[name], `${prefix}.${name}`))
}

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

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
]
const completionModes = ['NonIndexed', 'Indexed']
const longestManager = 63

function validateJobSpec(
  spec: JsonObject,
  field: string,
  { between }: { readonly between: readonly FieldError[] },
): FieldError[] {
  const template = objectOf(spec.template)
  const restart = textOf(objectOf(template.spec).restartPolicy)
  const at = `${field}.template.spec.restartPolicy`
  const manager = textOf(spec.managedBy)
  return [
    ...notNegatives(spec, counts, field),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined
      ? [required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...(spec.managedBy === undefined ? [] : validateDomainPath(manager, `${field}.managedBy`)),
    ...(manager.length > longestManager ? [tooLong(`${field}.managedBy`, longestManager)] : []),
    ...validateCompletion(spec, field),
    ...validateFailurePolicy(spec, `${field}.podFailurePolicy`),
    ...validateSuccessPolicy(spec, `${field}.successPolicy`),
    ...validateReplacement(spec, `${field}.podReplacementPolicy`),
    ...between,
    ...validatePodTemplate(template, `${field}.template`),
    ...(restart === 'OnFailure' || restart === 'Never'
      ? []
      : [required(at, 'valid values: "OnFailure", "Never"')]),
    ...(spec.podFailurePolicy !== undefined && restart !== 'Never'
      ? [invalidValue(at, restart, 'only "Never" is supported when podFailurePolicy is specified')]
      : []),
  ]
}

const mostIndexes = 100_000

/** What counts as done. */
function validateCompletion(spec: JsonObject, field: string): FieldError[] {
  const mode = textOf(spec.completionMode)
  const errors: FieldError[] = []
  if (mode !== '' && !completionModes.includes(mode)) {
    errors.push(notSupported(`${field}.completionMode`, mode, completionModes))
  }
  if (mode !== 'Indexed') {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes']) {
      if (spec[name] === undefined || (mode !== '' && mode !== 'NonIndexed')) continue
      errors.push(invalidValue(`${field}.${name}`, spec[name], 'requires indexed completion mode'))
    }
    return errors
  }
  const completions = numberOf(spec.completions)
  const parallelism = numberOf(spec.parallelism) ?? 0
  const failed = numberOf(spec.maxFailedIndexes)
  if (completions === undefined) {
    errors.push(required(`${field}.completions`, 'when completion mode is Indexed'))
  }
  if (parallelism > mostIndexes) {
    const problem = `must be less than or equal to ${mostIndexes} when completion mode is Indexed`
    errors.push(invalidValue(`${field}.parallelism`, parallelism, problem))
  }
  if (failed !== undefined && completions !== undefined && failed > completions) {
    const problem = 'must be less than or equal to completions'
    errors.push(invalidValue(`${field}.maxFailedIndexes`, failed, problem))
  }
  if (failed !== undefined && failed > mostIndexes) {
    const problem = `must be less than or equal to ${mostIndexes}`
    errors.push(invalidValue(`${field}.maxFailedIndexes`, failed, problem))
  }
  return errors
}

const replacementPolicies = ['TerminatingOrFailed', 'Failed']

function validateReplacement(spec: JsonObject, field: string): FieldError[] {
  const policy = textOf(spec.podReplacementPolicy)
  const allowed = spec.podFailurePolicy === undefined ? replacementPolicies : ['Failed']
  return policy === '' || allowed.includes(policy) ? [] : [notSupported(field, policy, allowed)]
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
    ...validateJobTemplate(objectOf(objectOf(spec.jobTemplate).spec), 'spec.jobTemplate.spec'),
  ]
}

/** Jobs that are made of a template find their pods by themselves. */
function validateJobTemplate(spec: JsonObject, field: string): FieldError[] {
  return [
    ...validateJobSpec(spec, field, { between: [] }),
    ...(spec.selector === undefined
      ? []
      : [
          invalidValue(
            `${field}.selector`,
            shownSelector(spec.selector),
            '`selector` will be auto-generated',
          ),
        ]),
    ...(spec.manualSelector === true
      ? [notSupported(`${field}.manualSelector`, true, ['nil', 'false'])]
      : []),
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
