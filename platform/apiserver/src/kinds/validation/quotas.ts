import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { compareQuantities, parseQuantity } from '../quantity.ts'
import { validateQualifiedName } from './formats.ts'
import { validateResourceAmount, validateResourceName } from './resources.ts'

const scopes = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]
/** Scopes of pods that are there or not, without values. */
const plainScopes = new Set(scopes.filter((it) => it !== 'PriorityClass' && it !== 'VolumeAttributesClass'))
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
] as const

export function validateQuota(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const hard = objectOf(spec.hard)
  const names = stringsOf(spec.scopes)
  const isBoth = contradictions.some((pair) => pair.every((it) => names.includes(it)))
  return [
    ...Object.keys(hard)
      .toSorted()
      .flatMap((name) => [
        ...validateResourceName(name, `spec.hard[${name}]`, 'quota'),
        ...validateResourceAmount(name, hard[name], `spec.hard[${name}]`),
      ]),
    ...names
      .filter((it) => !scopes.includes(it))
      .map(() => invalidValue('spec.scopes', names, 'unsupported scope')),
    ...names.flatMap((scope) => unsuitable(scope, hard).map((it) => invalidValue('spec.scopes', names, it))),
    ...(isBoth ? [invalidValue('spec.scopes', names, 'conflicting scopes')] : []),
    ...validateScopeSelector(objectOf(spec.scopeSelector), hard),
  ]
}

const ofPods = /^(pods|cpu|memory|(requests|limits)\.(cpu|memory))$/

/** A scope picks pods, so only what pods take can be counted by it; without any requests there are only pods to count. */
function unsuitable(scope: string, hard: JsonObject): readonly string[] {
  if (!scopes.includes(scope) || scope === 'VolumeAttributesClass') return []
  const isFit = (name: string): boolean =>
    name.includes('/') || (scope === 'BestEffort' ? name === 'pods' : ofPods.test(name))
  return Object.keys(hard)
    .filter((it) => !isFit(it))
    .map(() => 'unsupported scope applied to resource')
}

function validateScopeSelector({ matchExpressions }: JsonObject, hard: JsonObject): FieldError[] {
  const field = 'spec.scopeSelector.matchExpressions'
  return listOf(matchExpressions).flatMap((expression) => {
    const scope = textOf(expression.scopeName)
    const operator = textOf(expression.operator)
    const values = stringsOf(expression.values)
    const onlyExists =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    return [
      ...(scopes.includes(scope) ? [] : [invalidValue(`${field}.scopeName`, scope, 'unsupported scope')]),
      ...unsuitable(scope, hard).map((it) => invalidValue(field, { MatchExpressions: [expression] }, it)),
      ...(plainScopes.has(scope) && operator !== 'Exists'
        ? [invalidValue(`${field}.operator`, operator, onlyExists)]
        : []),
      ...validateScopeOperator(operator, values, field),
    ]
  })
}

function validateScopeOperator(operator: string, values: readonly string[], field: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn': {
      const one = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
      return values.length === 0 ? [required(`${field}.values`, one)] : []
    }
    case 'Exists':
    case 'DoesNotExist': {
      const none = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
      return values.length > 0 ? [invalidValue(`${field}.values`, values, none)] : []
    }
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}

export function validateQuotaUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = stringsOf(objectOf(next['spec']).scopes)
  const current = stringsOf(objectOf(old['spec']).scopes)
  return jsonEqual([...new Set(wanted)].toSorted(), [...new Set(current)].toSorted())
    ? []
    : [invalidValue('spec.scopes', wanted, 'field is immutable')]
}

const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange(object: KubeObject): FieldError[] {
  const seen = new Set<string>()
  return listOf(objectOf(object['spec']).limits).flatMap((limit, index) => {
    const at = `spec.limits[${index}]`
    const type = textOf(limit.type)
    const isRepeated = seen.has(type)
    seen.add(type)
    return [
      ...validateLimitType(type, `${at}.type`),
      ...(isRepeated ? [duplicate(`${at}.type`, type)] : []),
      ...validateLimit(limit, type, at),
    ]
  })
}

function validateLimitType(type: string, field: string): FieldError[] {
  const errors = validateQualifiedName(type, field)
  if (errors.length > 0) return errors
  return type.includes('/') || limitTypes.includes(type)
    ? []
    : [invalidValue(field, type, 'must be a standard limit type or fully qualified')]
}

function validateLimit(limit: JsonObject, type: string, field: string): FieldError[] {
  const use = type === 'Pod' || type === 'Container' ? 'container' : 'any'
  const namesIn = (part: string): FieldError[] =>
    Object.keys(objectOf(limit[part])).flatMap((name) =>
      validateResourceName(name, `${field}.${part}[${name}]`, use),
    )
  const defaults = ['default', 'defaultRequest'].flatMap((part) => {
    if (type !== 'Pod') return namesIn(part)
    const isGiven = Object.keys(objectOf(limit[part])).length > 0
    return isGiven ? [forbiddenField(`${field}.${part}`, "may not be specified when `type` is 'Pod'")] : []
  })
  const needsStorage =
    type === 'PersistentVolumeClaim' &&
    objectOf(limit.min).storage === undefined &&
    objectOf(limit.max).storage === undefined
  const parts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']
  const names = new Set(parts.flatMap((part) => Object.keys(objectOf(limit[part]))))
  return [
    ...namesIn('max'),
    ...namesIn('min'),
    ...defaults,
    ...(needsStorage
      ? [
          required(
            `${field}.limits`,
            'either minimum or maximum storage value is required, but neither was provided',
          ),
        ]
      : []),
    ...namesIn('maxLimitRequestRatio'),
    ...[...names].toSorted().flatMap((name) => validateOrder(limit, name, field)),
  ]
}

/** Pairs of which the first must not be more than the second; the value that is shown is that of `shown`. */
const orders = [
  { less: 'min', more: 'max', shown: 'min', at: 'min', words: ['min', 'max'] },
  {
    less: 'min',
    more: 'defaultRequest',
    shown: 'defaultRequest',
    at: 'defaultRequest',
    words: ['min', 'default request'],
  },
  {
    less: 'defaultRequest',
    more: 'max',
    shown: 'defaultRequest',
    at: 'defaultRequest',
    words: ['default request', 'max'],
  },
  {
    less: 'defaultRequest',
    more: 'default',
    shown: 'defaultRequest',
    at: 'defaultRequest',
    words: ['default request', 'default limit'],
  },
  { less: 'min', more: 'default', shown: 'min', at: 'default', words: ['min', 'default'] },
  { less: 'default', more: 'max', shown: 'max', at: 'default', words: ['default', 'max'] },
] as const

function validateOrder(limit: JsonObject, name: string, field: string): FieldError[] {
  const amount = (part: string): unknown => objectOf(limit[part])[name]
  const errors = orders.flatMap(({ less, more, shown, at, words: [first, second] }) => {
    const a = amount(less)
    const b = amount(more)
    if (a === undefined || b === undefined || compareQuantities(a, b) <= 0) return []
    const problem = `${first} value ${textOf(a)} is greater than ${second} value ${textOf(b)}`
    return [invalidValue(`${field}.${at}[${name}]`, amount(shown), problem)]
  })
  const ratio = amount('maxLimitRequestRatio')
  if (ratio === undefined) return errors
  const at = `${field}.maxLimitRequestRatio[${name}]`
  if (compareQuantities(ratio, '1') < 0) {
    errors.push(invalidValue(at, ratio, `ratio ${textOf(ratio)} is less than 1`))
  }
  const least = numberAt(amount('min'))
  const most = numberAt(amount('max'))
  const highest = least === undefined || most === undefined ? Number.POSITIVE_INFINITY : most / least
  if ((numberAt(ratio) ?? 0) > highest) {
    const problem = `ratio ${textOf(ratio)} is greater than max/min = ${highest.toFixed(6)}`
    errors.push(invalidValue(at, ratio, problem))
  }
  return errors
}

function numberAt(amount: unknown): number | undefined {
  const quantity = amount === undefined ? undefined : parseQuantity(textOf(amount))
  return quantity === undefined ? undefined : Number(quantity.nano) / 1e9
}
