import { type JsonObject, labelValueProblem } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validateSelector } from './basic.ts'
import { validateName, validateQualifiedName, validateSubdomain } from './formats.ts'

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Where a pod wants to run, and beside which others. */
export function validateAffinity(affinity: JsonObject, field: string): FieldError[] {
  return [
    ...validateNodeAffinity(objectOf(affinity.nodeAffinity), `${field}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((name) =>
      validatePodAffinity(objectOf(affinity[name]), `${field}.${name}`),
    ),
  ]
}

function validateNodeAffinity(affinity: JsonObject, field: string): FieldError[] {
  return [
    ...(affinity[requiredTerms] === undefined
      ? []
      : validateNodeSelector(objectOf(affinity[requiredTerms]), `${field}.${requiredTerms}`)),
    ...listOf(affinity[preferredTerms]).flatMap((it, index) => {
      const place = `${field}.${preferredTerms}[${index}]`
      return [
        ...validateWeight(it.weight, `${place}.weight`),
        ...validateNodeTerm(objectOf(it.preference), `${place}.preference`, false),
      ]
    }),
  ]
}

/** Which nodes will do: those that one of the terms picks. */
export function validateNodeSelector({ nodeSelectorTerms }: JsonObject, field: string): FieldError[] {
  const at = `${field}.nodeSelectorTerms`
  const terms = listOf(nodeSelectorTerms)
  if (terms.length === 0) return [required(at, 'must have at least one node selector term')]
  return terms.flatMap((it, index) => validateNodeTerm(it, `${at}[${index}]`, true))
}

/** @param checksValues whether values must be such as labels can have; a mere wish may name others */
function validateNodeTerm(term: JsonObject, field: string, checksValues: boolean): FieldError[] {
  return [
    ...listOf(term.matchExpressions).flatMap((it, index) => {
      const at = `${field}.matchExpressions[${index}]`
      return [
        ...validateOperator(it, at),
        ...validateQualifiedName(textOf(it.key), `${at}.key`),
        ...(checksValues ? stringsOf(it.values) : []).flatMap((value, position) => {
          const problem = labelValueProblem(value)
          return problem === undefined ? [] : [invalidValue(`${at}.values[${position}]`, value, problem)]
        }),
      ]
    }),
    ...listOf(term.matchFields).flatMap((it, index) =>
      validateFieldRequirement(it, `${field}.matchFields[${index}]`),
    ),
  ]
}

function validateOperator({ operator, values }: JsonObject, field: string): FieldError[] {
  const count = stringsOf(values).length
  const at = `${field}.values`
  switch (textOf(operator)) {
    case 'In':
    case 'NotIn':
      return count === 0 ? [required(at, "must be specified when `operator` is 'In' or 'NotIn'")] : []
    case 'Exists':
    case 'DoesNotExist':
      return count > 0
        ? [forbiddenField(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
        : []
    case 'Gt':
    case 'Lt':
      return count === 1
        ? []
        : [required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalidValue(`${field}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

function validateFieldRequirement({ key, operator, values }: JsonObject, field: string): FieldError[] {
  const names = stringsOf(values)
  const isKnown = operator === 'In' || operator === 'NotIn'
  const one = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
  return [
    ...(isKnown ? [] : [invalidValue(`${field}.operator`, operator ?? '', 'not a valid selector operator')]),
    ...(isKnown && names.length !== 1 ? [required(`${field}.values`, one)] : []),
    ...(key === 'metadata.name'
      ? names.flatMap((it, index) => validateSubdomain(it, `${field}.values[${index}]`))
      : [invalidValue(`${field}.key`, key ?? '', 'not a valid field selector key')]),
  ]
}

function validatePodAffinity(affinity: JsonObject, field: string): FieldError[] {
  return [
    ...listOf(affinity[requiredTerms]).flatMap((it, index) =>
      validatePodTerm(it, `${field}.${requiredTerms}[${index}]`),
    ),
    ...listOf(affinity[preferredTerms]).flatMap((it, index) => {
      const at = `${field}.${preferredTerms}[${index}]`
      return [
        ...validateWeight(it.weight, `${at}.weight`),
        ...validatePodTerm(objectOf(it.podAffinityTerm), `${at}.podAffinityTerm`),
      ]
    }),
  ]
}

function validatePodTerm(term: JsonObject, field: string): FieldError[] {
  const topologyKey = textOf(term.topologyKey)
  return [
    ...['labelSelector', 'namespaceSelector'].flatMap((name) =>
      term[name] === undefined ? [] : validateSelector(objectOf(term[name]), `${field}.${name}`),
    ),
    ...stringsOf(term.namespaces).flatMap((it) => validateName(it, `${field}.namespace`, dnsLabel)),
    ...validateQualifiedNames(term, field),
    ...(topologyKey === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...validateQualifiedName(topologyKey, `${field}.topologyKey`),
  ]
}

/** Labels whose values are the pod's own. */
function validateQualifiedNames(term: JsonObject, field: string): FieldError[] {
  const excluded = new Set(stringsOf(term.mismatchLabelKeys))
  const errors = ['matchLabelKeys', 'mismatchLabelKeys'].flatMap((name) => {
    const keys = stringsOf(term[name])
    if (keys.length > 0 && term.labelSelector === undefined) {
      return [forbiddenField(`${field}.${name}`, 'must not be specified when labelSelector is not set')]
    }
    return keys.flatMap((it, index) => validateQualifiedName(it, `${field}.${name}[${index}]`))
  })
  const both = 'exists in both matchLabelKeys and mismatchLabelKeys'
  return [
    ...errors,
    ...stringsOf(term.matchLabelKeys).flatMap((it, index) =>
      excluded.has(it) ? [invalidValue(`${field}.matchLabelKeys[${index}]`, it, both)] : [],
    ),
  ]
}

function validateWeight(weight: unknown, field: string): FieldError[] {
  const isIn = typeof weight === 'number' && weight >= 1 && weight <= 100
  return isIn ? [] : [invalidValue(field, weight ?? 0, 'must be in the range 1-100')]
}

const choices = ['DoNotSchedule', 'ScheduleAnyway']
const inclusion = ['Honor', 'Ignore']

/** How evenly the pods of a kind are spread. */
export function validateSpread(constraints: readonly JsonObject[], field: string): FieldError[] {
  return constraints.flatMap((it, index) => [
    ...validateConstraint(it, `${field}[${index}]`),
    ...validateOnce(constraints, index, field),
    ...validateDomains(it, `${field}[${index}].minDomains`),
    ...['nodeAffinityPolicy', 'nodeTaintsPolicy'].flatMap((name) =>
      it[name] === undefined || inclusion.includes(textOf(it[name]))
        ? []
        : [notSupported(`${field}[${index}].${name}`, it[name], inclusion)],
    ),
    ...validateSpreadKeys(it, `${field}[${index}].matchLabelKeys`),
    ...(it.labelSelector === undefined
      ? []
      : validateSelector(objectOf(it.labelSelector), `${field}[${index}].labelSelector`)),
  ])
}

function validateConstraint(constraint: JsonObject, field: string): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable: wanted } = constraint
  return [
    ...(typeof maxSkew === 'number' && maxSkew > 0
      ? []
      : [invalidValue(`${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero')]),
    ...(textOf(topologyKey) === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
    ...(choices.includes(textOf(wanted))
      ? []
      : [notSupported(`${field}.whenUnsatisfiable`, textOf(wanted), choices)]),
  ]
}

function validateOnce(constraints: readonly JsonObject[], index: number, field: string): FieldError[] {
  const own = shownConstraint(constraints[index])
  const isRepeated = constraints.slice(index + 1).some((it) => shownConstraint(it) === own)
  return isRepeated ? [duplicate(`${field}[${index}].{topologyKey, whenUnsatisfiable}`, own)] : []
}

function shownConstraint(constraint: JsonObject | undefined): string {
  return `{${textOf(constraint?.topologyKey)}, ${textOf(constraint?.whenUnsatisfiable)}}`
}

function validateDomains({ minDomains, whenUnsatisfiable: wanted }: JsonObject, field: string): FieldError[] {
  const least = numberOf(minDomains)
  if (least === undefined) return []
  const only = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${textOf(wanted)}`
  return [
    ...(least > 0 ? [] : [invalidValue(field, least, 'must be greater than zero')]),
    ...(wanted === 'DoNotSchedule' ? [] : [invalidValue(field, least, only)]),
  ]
}

function validateSpreadKeys({ matchLabelKeys, labelSelector }: JsonObject, field: string): FieldError[] {
  const keys = stringsOf(matchLabelKeys)
  if (keys.length === 0) return []
  const { matchLabels, matchExpressions } = objectOf(labelSelector)
  const selected = new Set([
    ...Object.keys(objectOf(matchLabels)),
    ...listOf(matchExpressions).map((it) => textOf(it.key)),
  ])
  return [
    ...(labelSelector === undefined
      ? [forbiddenField(field, 'must not be specified when labelSelector is not set')]
      : []),
    ...keys.flatMap((it, index) => [
      ...validateQualifiedName(it, `${field}[${index}]`),
      ...(selected.has(it)
        ? [invalidValue(`${field}[${index}]`, it, 'exists in both matchLabelKeys and labelSelector')]
        : []),
    ]),
  ]
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly JsonObject[], field: string): FieldError[] {
  return tolerations.flatMap((it, index) => validateToleration(it, `${field}[${index}]`))
}

function validateToleration(toleration: JsonObject, field: string): FieldError[] {
  const key = textOf(toleration.key)
  const operator = textOf(toleration.operator)
  const effect = textOf(toleration.effect)
  const value = textOf(toleration.value)
  const errors = key === '' ? [] : validateQualifiedName(key, `${field}.key`)
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
  if (operator === 'Exists') {
    const problem = "value must be empty when `operator` is 'Exists'"
    if (value !== '') errors.push(invalidValue(`${field}.operator`, value, problem))
  } else if (operator === '' || operator === 'Equal') {
    const problem = labelValueProblem(value)
    if (problem !== undefined) errors.push(invalidValue(`${field}.operator`, value, problem))
  } else errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']))
  return effect === '' ? errors : [...errors, ...validateEffect(effect, `${field}.effect`)]
}

function validateEffect(effect: string, field: string): FieldError[] {
  return effects.includes(effect) ? [] : [notSupported(field, effect, effects)]
}

/** What keeps pods off a node. */
export function validateTaints(taints: readonly JsonObject[], field: string): FieldError[] {
  const seen = new Set<string>()
  return taints.flatMap((taint, index) => {
    const at = `${field}[${index}]`
    const key = textOf(taint.key)
    const effect = textOf(taint.effect)
    const valueProblem = labelValueProblem(textOf(taint.value))
    const pair = `${effect}/${key}`
    const isRepeated = seen.has(pair)
    seen.add(pair)
    const shown = { Key: key, Value: textOf(taint.value), Effect: effect, TimeAdded: taint.timeAdded ?? null }
    const twice = duplicate(at, shown)
    return [
      ...validateQualifiedName(key, `${at}.key`),
      ...(valueProblem === undefined ? [] : [invalidValue(`${at}.value`, taint.value, valueProblem)]),
      ...(effect === '' ? [required(`${at}.effect`)] : validateEffect(effect, `${at}.effect`)),
      ...(isRepeated
        ? [{ ...twice, message: `${twice.message}: taints must be unique by key and effect pair` }]
        : []),
    ]
  })
}

/** What a pod waits for before it is placed. */
export function validateGates(gates: readonly JsonObject[], field: string): FieldError[] {
  const seen = new Set<string>()
  return gates.flatMap((gate, index) => {
    const at = `${field}[${index}]`
    const name = textOf(gate.name)
    const isRepeated = seen.has(name)
    seen.add(name)
    return [...validateQualifiedName(name, at), ...(isRepeated ? [duplicate(at, name)] : [])]
  })
}
