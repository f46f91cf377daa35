import type { JsonObject, KubeObject } from '@sluice/ports'
import { change, changeItems, changeSpec, fill, objectOf, textOf } from '../json-fields.ts'
import { defaultHostPorts, defaultPodSpec, defaultPodTemplate, defaultRequests } from './pod-template.ts'
import { defaultClaimSpec } from './storage.ts'

const rollingUpdate = 'RollingUpdate'

export function defaultDeployment(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => ({
    ...fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
    template: templateOf(spec),
    strategy: withRollingUpdate(objectOf(spec.strategy), { maxUnavailable: '25%', maxSurge: '25%' }),
  }))
}

export function defaultReplicaSet(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => ({ ...fill(spec, { replicas: 1 }), template: templateOf(spec) }))
}

export function defaultReplicationController(object: KubeObject): KubeObject {
  const labels = objectOf(objectOf(objectOf(object['spec']).template).metadata).labels
  const isLabelled = Object.keys(objectOf(labels)).length > 0
  const filled = changeSpec(object, (spec) => ({
    ...fill(spec, { replicas: 1, ...(isLabelled ? { selector: labels } : {}) }),
    ...(spec.template === undefined ? {} : { template: templateOf(spec) }),
  }))
  if (!isLabelled || filled.metadata.labels) return filled
  return { ...filled, metadata: { ...filled.metadata, labels: labels as Readonly<Record<string, string>> } }
}

export function defaultStatefulSet(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => {
    const filled = fill(spec, {
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: {},
    })
    return {
      ...changeItems(filled, 'volumeClaimTemplates', defaultClaimTemplate),
      template: templateOf(spec),
      updateStrategy: withRollingUpdate(objectOf(spec.updateStrategy), { partition: 0 }),
      persistentVolumeClaimRetentionPolicy: fill(objectOf(filled.persistentVolumeClaimRetentionPolicy), {
        whenDeleted: 'Retain',
        whenScaled: 'Retain',
      }),
    }
  })
}

function defaultClaimTemplate(claim: JsonObject): JsonObject {
  return {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    ...claim,
    spec: defaultClaimSpec(objectOf(claim.spec)),
    status: fill(objectOf(claim.status), { phase: 'Pending' }),
  }
}

/** How many templates a DaemonSet has had. */
export const templateGeneration = 'deprecated.daemonset.template.generation'

export function defaultDaemonSet(object: KubeObject): KubeObject {
  const filled = changeSpec(object, (spec) => ({
    ...fill(spec, { revisionHistoryLimit: 10 }),
    template: templateOf(spec),
    updateStrategy: withRollingUpdate(objectOf(spec.updateStrategy), { maxUnavailable: 1, maxSurge: 0 }),
  }))
  const { annotations } = filled.metadata
  if (annotations?.[templateGeneration] !== undefined) return filled
  const generation = String(filled.metadata.generation ?? 1)
  return {
    ...filled,
    metadata: { ...filled.metadata, annotations: { ...annotations, [templateGeneration]: generation } },
  }
}

function withRollingUpdate(strategy: JsonObject, values: JsonObject): JsonObject {
  const filled = fill(strategy, { type: rollingUpdate })
  if (filled.type !== rollingUpdate) return filled
  return { ...filled, rollingUpdate: fill(objectOf(filled.rollingUpdate), values) }
}

export function defaultJob(object: KubeObject): KubeObject {
  return changeSpec(object, defaultJobSpec)
}

/** What a job has of its own; a job template of a cron job gets this only in its pods. */
function defaultJobSpec(spec: JsonObject): JsonObject {
  const isNeither = spec.completions === undefined && spec.parallelism === undefined
  const perIndex = spec.backoffLimitPerIndex !== undefined
  const filled = fill(spec, {
    parallelism: 1,
    ...(isNeither ? { completions: 1 } : {}),
    backoffLimit: perIndex ? 2_147_483_647 : 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  })
  const withPolicy = change(filled, 'podFailurePolicy', (policy) =>
    changeItems(policy, 'rules', (rule) =>
      changeItems(rule, 'onPodConditions', (it) => fill(it, { status: 'True' })),
    ),
  )
  return { ...withPolicy, template: defaultPodTemplate(objectOf(spec.template)) }
}

export function defaultCronJob(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) => {
    const filled = fill(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    const template = objectOf(filled.jobTemplate)
    const jobSpec = objectOf(template.spec)
    return {
      ...filled,
      jobTemplate: {
        ...fill(template, { metadata: {} }),
        spec: { ...jobSpec, template: defaultPodTemplate(objectOf(jobSpec.template)) },
      },
    }
  })
}

export function defaultPodTemplateObject(object: KubeObject): KubeObject {
  return { ...object, template: defaultPodTemplate(objectOf(object['template'])) }
}

export function defaultPod(object: KubeObject): KubeObject {
  const filled = changeSpec(object, (spec) =>
    fill(defaultHostPorts(defaultRequests(defaultPodSpec(spec))), { enableServiceLinks: true }),
  )
  return textOf(objectOf(filled['status']).phase) === ''
    ? { ...filled, status: { ...objectOf(filled['status']), phase: 'Pending' } }
    : filled
}

function templateOf(spec: JsonObject): JsonObject {
  return defaultPodTemplate(objectOf(spec.template))
}
