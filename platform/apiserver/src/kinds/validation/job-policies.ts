import type { JsonObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { validateQualifiedName } from './formats.ts'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']
const mostRules = 20
const mostPatterns = 20
const mostCodes = 255

/** Which failures of pods count, and which end a job. */
export function validateFailurePolicy(spec: JsonObject, field: string): FieldError[] {
  const rules = listOf(objectOf(spec.podFailurePolicy).rules)
  const podSpec = objectOf(objectOf(spec.template).spec)
  const names = new Set(
    [...listOf(podSpec.containers), ...listOf(podSpec.initContainers)].map((it) => textOf(it.name)),
  )
  const hasLimit = spec.backoffLimitPerIndex !== undefined
  return [
    ...(rules.length > mostRules ? [tooMany(`${field}.rules`, rules.length, mostRules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, `${field}.rules[${index}]`, { names, hasLimit })),
  ]
}

type JobScope = {
  /** Names of the job's containers. */
  readonly names: ReadonlySet<string>
  /** Whether failures are counted for each index. */
  readonly hasLimit: boolean
}

function validateRule(rule: JsonObject, field: string, { names, hasLimit }: JobScope): FieldError[] {
  const action = textOf(rule.action)
  const patterns = listOf(rule.onPodConditions)
  const both = rule.onExitCodes !== undefined && patterns.length > 0
  const neither = rule.onExitCodes === undefined && patterns.length === 0
  return [
    ...validateWord(action, `${field}.action`, actions),
    ...(action === 'FailIndex' && !hasLimit
      ? [invalidValue(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set')]
      : []),
    ...(rule.onExitCodes === undefined
      ? []
      : validateExitCodes(objectOf(rule.onExitCodes), `${field}.onExitCodes`, names)),
    ...validatePatterns(patterns, `${field}.onPodConditions`),
    ...(both ? [wrongRule(field, 'specifying both OnExitCodes and OnPodConditions is not supported')] : []),
    ...(neither ? [wrongRule(field, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
  ]
}

function validateWord(value: string, field: string, choices: readonly string[]): FieldError[] {
  if (value === '') return [required(field, `valid values: [${choices.map((it) => `"${it}"`).join(' ')}]`)]
  return choices.includes(value) ? [] : [notSupported(field, value, choices)]
}

/** A problem of a whole rule, which is not shown. */
function wrongRule(field: string, problem: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${problem}` }
}

function validateExitCodes(
  { operator, values, containerName }: JsonObject,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const at = `${field}.values`
  const codes = Array.isArray(values) ? (values as readonly unknown[]).map((it) => numberOf(it) ?? 0) : []
  const seen = new Set<number>()
  const isOrdered = codes.every((it, index) => index === 0 || (codes[index - 1] ?? 0) <= it)
  return [
    ...validateWord(textOf(operator), `${field}.operator`, operators),
    ...(containerName === undefined || names.has(textOf(containerName))
      ? []
      : [
          invalidValue(
            `${field}.containerName`,
            containerName,
            'must be one of the container or initContainer names in the pod template',
          ),
        ]),
    ...(codes.length === 0 ? [invalidValue(at, values ?? null, 'at least one value is required')] : []),
    ...(codes.length > mostCodes ? [tooMany(at, codes.length, mostCodes)] : []),
    ...codes.flatMap((code, index) => {
      const isRepeated = seen.has(code)
      seen.add(code)
      return [
        ...(code === 0 && operator === 'In'
          ? [invalidValue(`${at}[${index}]`, code, 'must not be 0 for the In operator')]
          : []),
        ...(isRepeated ? [duplicate(`${at}[${index}]`, code)] : []),
      ]
    }),
    ...(isOrdered ? [] : [invalidValue(at, codes, 'must be ordered')]),
  ]
}

function validatePatterns(patterns: readonly JsonObject[], field: string): FieldError[] {
  return [
    ...(patterns.length > mostPatterns ? [tooMany(field, patterns.length, mostPatterns)] : []),
    ...patterns.flatMap(({ type, status }, index) => {
      const at = `${field}[${index}]`
      return [
        ...validateQualifiedName(textOf(type), `${at}.type`),
        ...validateWord(textOf(status), `${at}.status`, statuses),
      ]
    }),
  ]
}

const indexes = /^\d+(-\d+)?(,\d+(-\d+)?)*$/

/** When an indexed job is done before all its indexes are. */
export function validateSuccessPolicy(spec: JsonObject, field: string): FieldError[] {
  if (spec.successPolicy === undefined) return []
  const rules = listOf(objectOf(spec.successPolicy).rules)
  if (spec.completionMode !== 'Indexed') {
    const shown = {
      Rules: rules.map((it) => ({
        SucceededIndexes: it.succeededIndexes ?? null,
        SucceededCount: it.succeededCount ?? null,
      })),
    }
    return [invalidValue(field, shown, 'requires indexed completion mode')]
  }
  const at = `${field}.rules`
  if (rules.length === 0) {
    return [required(at, 'at least one rules must be specified when the successPolicy is specified')]
  }
  return [
    ...(rules.length > mostRules ? [tooMany(at, rules.length, mostRules)] : []),
    ...rules.flatMap((it, index) => validateSuccessRule(it, `${at}[${index}]`, numberOf(spec.completions))),
  ]
}

function validateSuccessRule(
  { succeededIndexes, succeededCount }: JsonObject,
  field: string,
  completions: number | undefined,
): FieldError[] {
  const count = numberOf(succeededCount)
  const at = `${field}.succeededCount`
  if (succeededIndexes === undefined && count === undefined) {
    return [required(field, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const errors: FieldError[] = []
  if (succeededIndexes !== undefined && !indexes.test(textOf(succeededIndexes))) {
    const problem = `error parsing succeededIndexes: cannot convert string to integer for index: ${JSON.stringify(succeededIndexes)}`
    errors.push(invalidValue(`${field}.succeededIndexes`, succeededIndexes, problem))
  }
  if (count !== undefined && count < 0) {
    errors.push(invalidValue(at, count, 'must be greater than or equal to 0'))
  }
  if (count !== undefined && completions !== undefined && count > completions) {
    errors.push(
      invalidValue(
        at,
        count,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    )
  }
  return errors
}
