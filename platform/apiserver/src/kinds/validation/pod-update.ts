import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, forbiddenField, invalidValue, required } from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import type { StrategyContext } from '../strategy.ts'
import { validateDebugging, validateResize } from './pod-subresources.ts'

const updatable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** What may change of a pod depends on the subresource that changes it. */
export function validatePodUpdate(
  next: KubeObject,
  old: KubeObject,
  { subresource }: Pick<StrategyContext, 'subresource'>,
): FieldError[] {
  switch (subresource) {
    case 'binding':
      return []
    case 'ephemeralcontainers':
      return validateDebugging(next, old)
    case 'resize':
      return validateResize(next, old)
    case 'status':
      return validateStatus(objectOf(next['status']), objectOf(old['status']))
    default:
      return validateSpec(next, old)
  }
}

function validateStatus(next: JsonObject, old: JsonObject): FieldError[] {
  return next.qosClass === old.qosClass
    ? []
    : [invalidValue('status.qosClass', next.qosClass ?? '', 'field is immutable')]
}

/** Of a pod's spec hardly anything can change. */
function validateSpec(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = objectOf(next['spec'])
  const current = objectOf(old['spec'])
  if (jsonEqual(wanted, current)) return []
  for (const list of ['containers', 'initContainers']) {
    if (listOf(wanted[list]).length !== listOf(current[list]).length) {
      return [forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
  }
  const images = ['containers', 'initContainers'].flatMap((list) => validateImages(wanted, list))
  const deadline = validateDeadline(wanted.activeDeadlineSeconds, current.activeDeadlineSeconds)
  if (deadline.stops) return [...images, ...deadline.errors]
  const gated = listOf(current.schedulingGates).length > 0
  return [
    ...images,
    ...deadline.errors,
    ...validateKeptTolerations(listOf(wanted.tolerations), listOf(current.tolerations)),
    ...validateKeptGates(listOf(wanted.schedulingGates), listOf(current.schedulingGates)),
    ...(gated ? validateNarrowing(wanted, current) : []),
    ...(jsonEqual(comparable(wanted, current, gated), comparable(current, current, gated))
      ? []
      : [forbiddenField('spec', updatable)]),
  ]
}

function validateImages(spec: JsonObject, list: string): FieldError[] {
  return listOf(spec[list]).flatMap(({ image }, index) =>
    textOf(image) === '' ? [required(`spec.${list}[${index}].image`)] : [],
  )
}

/** A deadline can be set once, and only come nearer. */
function validateDeadline(
  next: unknown,
  old: unknown,
): { readonly errors: readonly FieldError[]; readonly stops: boolean } {
  const field = 'spec.activeDeadlineSeconds'
  const wanted = numberOf(next)
  const current = numberOf(old)
  if (wanted === undefined) {
    const problem = 'must not update from a positive integer to nil value'
    return { errors: current === undefined ? [] : [invalidValue(field, null, problem)], stops: false }
  }
  if (wanted < 0 || wanted > 2_147_483_647) {
    const problem = 'must be between 0 and 2147483647, inclusive'
    return { errors: [invalidValue(field, wanted, problem)], stops: true }
  }
  if (current !== undefined && current < wanted) {
    const problem = 'must be less than or equal to previous value'
    return { errors: [invalidValue(field, wanted, problem)], stops: true }
  }
  return { errors: [], stops: false }
}

function validateKeptTolerations(next: readonly JsonObject[], old: readonly JsonObject[]): FieldError[] {
  const isKept = old.every((it) => next.some((other) => jsonEqual(timeless(it), timeless(other))))
  return isKept
    ? []
    : [
        forbiddenField(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ]
}

function timeless(toleration: JsonObject): JsonObject {
  return { ...toleration, tolerationSeconds: undefined }
}

function validateKeptGates(next: readonly JsonObject[], old: readonly JsonObject[]): FieldError[] {
  return next.flatMap(({ name }, index) =>
    old.some((it) => it.name === name)
      ? []
      : [
          forbiddenField(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${textOf(name)}'`,
          ),
        ],
  )
}

/** While a pod waits, the nodes that it may go to can become fewer. */
function validateNarrowing(next: JsonObject, old: JsonObject): FieldError[] {
  const wanted = objectOf(next.nodeSelector)
  const isNarrower = Object.entries(objectOf(old.nodeSelector)).every(([key, it]) => wanted[key] === it)
  return isNarrower
    ? []
    : [
        invalidValue(
          'spec.nodeSelector',
          next.nodeSelector ?? null,
          'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
        ),
      ]
}

/** A spec without what may differ from `old`. */
function comparable(spec: JsonObject, old: JsonObject, gated: boolean): JsonObject {
  const grace =
    (numberOf(old.terminationGracePeriodSeconds) ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1
      ? old.terminationGracePeriodSeconds
      : spec.terminationGracePeriodSeconds
  return {
    ...spec,
    terminationGracePeriodSeconds: grace,
    activeDeadlineSeconds: undefined,
    schedulingGates: undefined,
    tolerations: undefined,
    containers: listOf(spec.containers).map(withoutImage),
    initContainers: listOf(spec.initContainers).map(withoutImage),
    ...(gated
      ? {
          nodeSelector: undefined,
          affinity: { ...objectOf(spec.affinity), nodeAffinity: undefined },
        }
      : {}),
  }
}

function withoutImage(container: JsonObject): JsonObject {
  return { ...container, image: undefined }
}
