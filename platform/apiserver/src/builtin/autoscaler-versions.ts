import type { JsonObject, JsonValue } from '@sluice/ports'
import { listOf, numberOf, objectOf, textOf } from '../kinds/json-fields.ts'
import { isObject } from '../verbs/decode.ts'

/**
 * Version 1 of autoscalers knows but one metric, the use of processors. What else version 2 says is carried in
 * annotations there, as JSON of a form of their own.
 *
 * Source: the annotations `autoscaling.alpha.kubernetes.io/…` as clusters show them
 */
const prefix = 'autoscaling.alpha.kubernetes.io/'
const carried = ['metrics', 'behavior', 'conditions', 'current-metrics'].map((it) => `${prefix}${it}`)
const [metricsKey = '', behaviorKey = '', conditionsKey = '', currentKey = ''] = carried

/** What holds where nothing at all is said. */
export const cpuMetric: JsonObject = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

/** An autoscaler of version 1 in version 2. Annotations that cannot be read are left out. */
export function autoscalerFromFirst(object: JsonObject): JsonObject {
  const metadata = objectOf(object.metadata)
  const annotations = objectOf(metadata.annotations)
  const { targetCPUUtilizationPercentage: cpu, ...spec } = objectOf(object.spec)
  const { currentCPUUtilizationPercentage: currentCpu, ...status } = objectOf(object.status)
  const behavior = parsed(annotations[behaviorKey])
  const others = items(annotations[metricsKey]).map((it) => metricOf(it, 'target'))
  const metrics = cpu === undefined ? others : [...others, cpuOf(cpu, 'target')]
  const current = items(annotations[currentKey]).map((it) => metricOf(it, 'current'))
  const currentMetrics = currentCpu === undefined ? current : [...current, cpuOf(currentCpu, 'current')]
  const conditions = items(annotations[conditionsKey])
  return {
    ...object,
    metadata: withAnnotations(metadata, without(annotations)),
    spec: {
      ...spec,
      metrics: metrics.length > 0 ? metrics : [cpuMetric],
      ...(isObject(behavior) ? { behavior: lowered(behavior) } : {}),
    },
    status: {
      ...status,
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(currentMetrics.length > 0 ? { currentMetrics } : {}),
    },
  }
}

/** An autoscaler of version 2 in version 1. */
export function autoscalerToFirst(object: JsonObject): JsonObject {
  const metadata = objectOf(object.metadata)
  const { metrics, behavior, ...spec } = objectOf(object.spec)
  const { currentMetrics, conditions, ...status } = objectOf(object.status)
  const isCpu = (it: JsonObject): boolean => useOf(it, 'target') !== undefined
  const cpu = listOf(metrics).find(isCpu)
  const others = listOf(metrics).filter((it) => it !== cpu)
  const current = listOf(currentMetrics)
  const currentCpu = current.find((it) => useOf(it, 'current') !== undefined)
  const added: Record<string, string> = {}
  if (others.length > 0) added[metricsKey] = JSON.stringify(others.map((it) => firstOf(it, 'target')))
  if (isObject(behavior)) added[behaviorKey] = JSON.stringify(raised(behavior))
  if (listOf(conditions).length > 0) added[conditionsKey] = JSON.stringify(conditions)
  if (current.length > 0) added[currentKey] = JSON.stringify(current.map((it) => firstOf(it, 'current')))
  const own = without(objectOf(metadata.annotations))
  return {
    ...object,
    metadata: withAnnotations(metadata, { ...own, ...added }),
    spec: { ...spec, ...(cpu ? { targetCPUUtilizationPercentage: useOf(cpu, 'target') ?? 0 } : {}) },
    status: {
      ...status,
      ...(currentCpu ? { currentCPUUtilizationPercentage: useOf(currentCpu, 'current') ?? 0 } : {}),
    },
  }
}

/** Wanted or measured: both are told in the same way. */
type Side = 'target' | 'current'

function cpuOf(value: JsonValue, side: Side): JsonObject {
  const amounts = { averageUtilization: value }
  return {
    type: 'Resource',
    resource: { name: 'cpu', [side]: side === 'target' ? { type: 'Utilization', ...amounts } : amounts },
  }
}

/** The use of processors that a metric tells of, in percent. */
function useOf({ type, resource }: JsonObject, side: Side): number | undefined {
  const { name, [side]: amounts } = objectOf(resource)
  return type === 'Resource' && name === 'cpu' ? numberOf(objectOf(amounts).averageUtilization) : undefined
}

/** Names of amounts in version 2, and in version 1 after `target` or `current`. */
const amountNames = [
  ['averageUtilization', 'AverageUtilization', 'Utilization'],
  ['averageValue', 'AverageValue', 'AverageValue'],
  ['value', 'Value', 'Value'],
] as const

const fieldsOfType: ReadonlyMap<string, string> = new Map([
  ['Object', 'object'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
  ['External', 'external'],
])

/** A metric of version 2 as annotations of version 1 have it. */
function firstOf(metric: JsonObject, side: Side): JsonObject {
  const field = fieldsOfType.get(textOf(metric.type)) ?? ''
  const { [side]: amounts, metric: about, describedObject, ...rest } = objectOf(metric[field])
  const { name, selector } = objectOf(about)
  const told = objectOf(amounts)
  const isExternal = field === 'external'
  return {
    type: metric.type ?? '',
    [field]: {
      ...(describedObject === undefined ? {} : { target: describedObject }),
      ...rest,
      ...(name === undefined ? {} : { metricName: name }),
      ...(selector === undefined ? {} : { [isExternal ? 'metricSelector' : 'selector']: selector }),
      ...Object.fromEntries(
        amountNames.flatMap(([own, first]) => {
          const value = told[own]
          return value === undefined ? [] : [[firstName(first, { field, side }), value]]
        }),
      ),
    },
  }
}

/** Objects tell their average value without a prefix. */
function firstName(name: string, { field, side }: { readonly field: string; readonly side: Side }): string {
  return field === 'object' && name === 'AverageValue' ? 'averageValue' : `${side}${name}`
}

/** A metric of version 2 from what an annotation of version 1 has. */
function metricOf(first: JsonObject, side: Side): JsonObject {
  const field = fieldsOfType.get(textOf(first.type)) ?? ''
  const told = objectOf(first[field])
  const { metricName, metricSelector, selector = metricSelector, target, ...rest } = told
  const amounts: Record<string, JsonValue> = {}
  let type = ''
  const own = { ...rest }
  for (const [name, firstSuffix, targetType] of amountNames) {
    const at = firstName(firstSuffix, { field, side })
    const value = told[at]
    delete own[at]
    if (value === undefined) continue
    amounts[name] = value
    // The first that is given says what the target is, but an average of objects counts before their sum.
    if (type === '') type = targetType
  }
  const about =
    metricName === undefined ? {} : { name: metricName, ...(selector === undefined ? {} : { selector }) }
  return {
    type: first.type ?? '',
    [field]: {
      ...own,
      ...(target === undefined ? {} : { describedObject: target }),
      ...(metricName === undefined ? {} : { metric: about }),
      [side]: side === 'target' ? { type, ...amounts } : amounts,
    },
  }
}

/** In the annotation the names of behaviour begin with capitals, as Go writes types that have no JSON names. */
function raised(behavior: JsonObject): JsonObject {
  const { scaleUp, scaleDown } = behavior
  return { ScaleUp: raisedRules(scaleUp), ScaleDown: raisedRules(scaleDown) }
}

function raisedRules(rules: JsonValue | undefined): JsonValue {
  if (!isObject(rules)) return null
  const { stabilizationWindowSeconds = null, selectPolicy = null, policies, tolerance = null } = rules
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds,
    SelectPolicy: selectPolicy,
    Policies: listOf(policies).map(({ type = '', value = 0, periodSeconds = 0 }) => ({
      Type: type,
      Value: value,
      PeriodSeconds: periodSeconds,
    })),
    Tolerance: tolerance,
  }
}

function lowered(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, it]): [string, JsonValue][] => {
      if (it === undefined || it === null) return []
      const own = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
      if (Array.isArray(it)) return [[own, listOf(it).map(lowered)]]
      return [[own, isObject(it) ? lowered(it) : it]]
    }),
  )
}

function parsed(text: JsonValue | undefined): JsonValue {
  if (typeof text !== 'string') return null
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function items(text: JsonValue | undefined): readonly JsonObject[] {
  return listOf(parsed(text)).filter(isObject)
}

function without(annotations: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(annotations).flatMap(([name, value]): [string, JsonValue][] =>
      carried.includes(name) ? [] : [[name, value ?? null]],
    ),
  )
}

function withAnnotations(metadata: JsonObject, annotations: JsonObject): JsonObject {
  const { annotations: own, ...rest } = metadata
  if (Object.keys(annotations).length > 0) return { ...rest, annotations }
  return own === undefined ? metadata : rest
}
