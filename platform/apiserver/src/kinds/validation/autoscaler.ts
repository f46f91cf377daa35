import type { JsonObject, KubeObject } from '@sluice/ports'
import { convertBuiltin } from '../../builtin/conversion.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { pathSegment } from '../names.ts'
import { compareQuantities } from '../quantity.ts'
import { validateNeededName } from './formats.ts'

/** Objects of all versions are looked at as they are in version 2. */
export function validateAutoscaler(object: KubeObject): FieldError[] {
  const { spec: own } = convertBuiltin(object, { group: 'autoscaling', version: 'v2' }) as {
    spec?: JsonObject
  }
  const spec = objectOf(own)
  const least = numberOf(spec.minReplicas) ?? 1
  const most = numberOf(spec.maxReplicas) ?? 0
  const target = objectOf(spec.scaleTargetRef)
  const hasGroup = textOf(target.apiVersion) !== ''
  return [
    ...(least < 1 ? [invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1')] : []),
    ...(most < 1 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
    ...(most < least
      ? [invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...validateTarget(target, 'spec.scaleTargetRef'),
    ...(hasGroup
      ? []
      : [invalidValue('spec.scaleTargetRef.apiVersion', '', 'apiVersion must specify API group')]),
    ...listOf(spec.metrics).flatMap((it, index) => validateMetric(it, `spec.metrics[${index}]`)),
    ...['scaleUp', 'scaleDown'].flatMap((name) => {
      const rules = objectOf(spec.behavior)[name]
      return rules === undefined ? [] : validateRules(objectOf(rules), `spec.behavior.${name}`)
    }),
  ]
}

function validateTarget({ kind, name }: JsonObject, field: string): FieldError[] {
  return [
    ...validateNeededName(textOf(kind), `${field}.kind`, pathSegment),
    ...validateNeededName(textOf(name), `${field}.name`, pathSegment),
  ]
}

/** Types of metrics and the fields that tell of them, in the order in which Kubernetes looks at them. */
const sources: ReadonlyMap<string, string> = new Map([
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
])

function validateMetric(metric: JsonObject, field: string): FieldError[] {
  const type = textOf(metric.type)
  const given = [...sources.values()].filter((it) => metric[it] !== undefined)
  const expected = sources.get(type)
  const [first] = given
  return [
    ...(type === '' ? [required(`${field}.type`, 'must specify a metric source type')] : []),
    ...(expected === undefined ? [notSupported(`${field}.type`, type, [...sources.keys()].toSorted())] : []),
    ...(first === undefined ? [] : validateSource(first, objectOf(metric[first]), `${field}.${first}`)),
    ...(expected !== undefined && !given.includes(expected)
      ? [required(`${field}.${expected}`, 'must populate information for the given metric source')]
      : []),
    ...(given.length === 1 ? [] : given.filter((it) => it !== expected)).map((it) =>
      forbiddenField(`${field}.${it}`, 'must populate the given metric source only'),
    ),
  ]
}

function validateSource(kind: string, source: JsonObject, field: string): FieldError[] {
  const target = objectOf(source.target)
  const at = `${field}.target`
  const isResource = kind === 'resource' || kind === 'containerResource'
  return [
    ...(kind === 'object'
      ? validateTarget(objectOf(source.describedObject), `${field}.describedObject`)
      : []),
    ...(kind === 'containerResource' && textOf(source.container) === ''
      ? [required(`${field}.container`, 'must specify a container')]
      : []),
    ...(isResource
      ? textOf(source.name) === ''
        ? [required(`${field}.name`, 'must specify a resource name')]
        : []
      : validateIdentifier(objectOf(source.metric), `${field}.metric`)),
    ...validateMetricTarget(target, at),
    ...validateAim(kind, target, at),
  ]
}

function validateIdentifier({ name }: JsonObject, field: string): FieldError[] {
  const text = textOf(name)
  if (text === '') return [required(`${field}.name`, 'must specify a metric name')]
  const problem = pathSegment(text)
  return problem === undefined ? [] : [invalidValue(`${field}.name`, text, problem)]
}

const targetTypes = ['Utilization', 'Value', 'AverageValue']

function validateMetricTarget(target: JsonObject, field: string): FieldError[] {
  const type = textOf(target.type)
  const utilization = numberOf(target.averageUtilization)
  return [
    ...(type === '' ? [required(`${field}.type`, 'must specify a metric target type')] : []),
    ...(targetTypes.includes(type)
      ? []
      : [invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...['value', 'averageValue'].flatMap((name) =>
      target[name] !== undefined && compareQuantities(target[name], '0') <= 0
        ? [invalidValue(`${field}.${name}`, target[name], 'must be positive')]
        : [],
    ),
    ...(utilization !== undefined && utilization < 1
      ? [invalidValue(`${field}.averageUtilization`, utilization, 'must be greater than 0')]
      : []),
  ]
}

/** Each type of metric has its own ways to say what is aimed at. */
function validateAim(kind: string, target: JsonObject, field: string): FieldError[] {
  const hasValue = target.value !== undefined
  const hasAverage = target.averageValue !== undefined
  const hasUtilization = target.averageUtilization !== undefined
  switch (kind) {
    case 'object':
      return hasValue || hasAverage
        ? []
        : [required(`${field}.averageValue`, 'must set either a target value or averageValue')]
    case 'external': {
      const neither = 'must set either a target value for metric or a per-pod target'
      const both = 'may not set both a target value for metric and a per-pod target'
      if (!hasValue && !hasAverage) return [required(`${field}.averageValue`, neither)]
      return hasValue && hasAverage ? [forbiddenField(`${field}.value`, both)] : []
    }
    case 'pods':
      return hasAverage && compareQuantities(target.averageValue, '0') > 0
        ? []
        : [required(`${field}.averageValue`, 'must specify a positive target averageValue')]
    default: {
      const neither = 'must set either a target raw value or a target utilization'
      const both = 'may not set both a target raw value and a target utilization'
      if (!hasUtilization && !hasAverage) return [required(`${field}.averageUtilization`, neither)]
      return hasUtilization && hasAverage ? [forbiddenField(`${field}.averageValue`, both)] : []
    }
  }
}

const longestWindow = 3600
const longestPeriod = 1800
const selections = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']

/** How fast an autoscaler may go in one direction. */
function validateRules(rules: JsonObject, field: string): FieldError[] {
  const window = numberOf(rules.stabilizationWindowSeconds)
  const policies = listOf(rules.policies)
  const at = `${field}.stabilizationWindowSeconds`
  return [
    ...(window !== undefined && window < 0
      ? [invalidValue(at, window, 'must be greater than or equal to zero')]
      : []),
    ...(window !== undefined && window > longestWindow
      ? [invalidValue(at, window, `must be less than or equal to ${longestWindow}`)]
      : []),
    ...(rules.selectPolicy === undefined || selections.includes(textOf(rules.selectPolicy))
      ? []
      : [notSupported(`${field}.selectPolicy`, rules.selectPolicy, selections)]),
    ...(policies.length === 0 ? [required(`${field}.policies`, 'must specify at least one Policy')] : []),
    ...policies.flatMap((it, index) => validateScalingPolicy(it, `${field}.policies[${index}]`)),
  ]
}

function validateScalingPolicy(policy: JsonObject, field: string): FieldError[] {
  const value = numberOf(policy.value) ?? 0
  const period = numberOf(policy.periodSeconds) ?? 0
  const at = `${field}.periodSeconds`
  return [
    ...(policyTypes.includes(textOf(policy.type))
      ? []
      : [notSupported(`${field}.type`, textOf(policy.type), policyTypes)]),
    ...(value > 0 ? [] : [invalidValue(`${field}.value`, value, 'must be greater than zero')]),
    ...(period > 0 ? [] : [invalidValue(at, period, 'must be greater than zero')]),
    ...(period > longestPeriod
      ? [invalidValue(at, period, `must be less than or equal to ${longestPeriod}`)]
      : []),
  ]
}
