import { type JsonObject, labelValueProblem } from '@sluice/ports'
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf } from '../json-fields.ts'
import { validateQualifiedName } from './formats.ts'

/** The field, when it is a negative number. */
export function notNegative(value: unknown, field: string): FieldError[] {
  return typeof value === 'number' && value < 0
    ? [invalidValue(field, value, 'must be greater than or equal to 0')]
    : []
}

export function validatePort(value: unknown, field: string): FieldError[] {
  const isPort = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
  return isPort ? [] : [invalidValue(field, value ?? 0, 'must be between 1 and 65535, inclusive')]
}

const portName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Problems of a name such as `http`. Source: RFC 6335 §5.1, as Kubernetes reads it. */
export function portNameProblems(name: string): string[] {
  const problems: string[] = []
  if (name.length > 15) problems.push('must be no more than 15 characters')
  if (!portName.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)')
  if (name.includes('--')) problems.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen')
  return problems
}

/** A number of a port, or the name of one. */
export function validatePortOrName(value: unknown, field: string): FieldError[] {
  if (typeof value !== 'string') return validatePort(value, field)
  return portNameProblems(value).map((it) => invalidValue(field, value, it))
}

const percent = /^\d+%$/

/** A count or a percentage. */
export function validateIntOrPercent(value: unknown, field: string): FieldError[] {
  if (typeof value === 'number') return notNegative(value, field)
  if (typeof value !== 'string' || percent.test(value)) return []
  return [
    invalidValue(
      field,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ]
}

export function notAbove100Percent(value: unknown, field: string): FieldError[] {
  const isAbove = typeof value === 'string' && percent.test(value) && Number.parseInt(value, 10) > 100
  return isAbove ? [invalidValue(field, value, 'must not be greater than 100%')] : []
}

/** What a count or percentage is at least; 0 for absent ones. */
export function lowestOf(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && percent.test(value) ? Number.parseInt(value, 10) : 0
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

/** A label selector's keys, operators and values. */
export function validateSelector(selector: JsonObject, field: string): FieldError[] {
  const labels = Object.entries(objectOf(selector.matchLabels)).flatMap(([key, value]) => {
    const valueProblem = labelValueProblem(typeof value === 'string' ? value : '')
    return [
      ...validateQualifiedName(key, `${field}.matchLabels`),
      ...(valueProblem ? [invalidValue(`${field}.matchLabels`, value, valueProblem)] : []),
    ]
  })
  const expressions = listOf(selector.matchExpressions).flatMap((it, index) =>
    validateExpression(it, `${field}.matchExpressions[${index}]`),
  )
  return [...labels, ...expressions]
}

function validateExpression({ key, operator, values }: JsonObject, field: string): FieldError[] {
  const count = stringsOf(values).length
  const errors: FieldError[] = []
  if (typeof operator !== 'string' || !operators.includes(operator)) {
    errors.push(invalidValue(`${field}.operator`, operator ?? '', 'not a valid selector operator'))
  } else if ((operator === 'In' || operator === 'NotIn') && count === 0) {
    errors.push({
      reason: 'FieldValueRequired',
      field: `${field}.values`,
      message: "Required value: must be specified when `operator` is 'In' or 'NotIn'",
    })
  } else if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: `${field}.values`,
      message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    })
  }
  return [...errors, ...validateQualifiedName(typeof key === 'string' ? key : '', `${field}.key`)]
}

/** A map as errors show it, by its keys. */
export function shownMap(map: unknown): JsonObject | null {
  if (map === undefined || map === null) return null
  return Object.fromEntries(Object.entries(objectOf(map)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** A label selector as errors show it. */
export function shownSelector(selector: unknown): JsonObject | null {
  if (selector === undefined || selector === null) return null
  const { matchLabels, matchExpressions } = objectOf(selector)
  return {
    ...(matchLabels === undefined ? {} : { matchLabels: shownMap(matchLabels) }),
    ...(matchExpressions === undefined ? {} : { matchExpressions }),
  }
}
