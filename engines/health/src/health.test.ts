import type { KubeObject } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { healthOf } from './health.ts'

const now = Date.parse('2026-01-01T00:01:00Z')

function object(apiVersion: string, kind: string, rest: Record<string, unknown> = {}): KubeObject {
  const { metadata, ...fields } = rest
  return { apiVersion, kind, metadata: { name: 'x', ...(metadata as object) }, ...fields }
}

function verdict(subject: KubeObject, pods?: readonly KubeObject[]): string {
  const { status, message } = healthOf(subject, pods ? { now, pods } : { now })
  return `${status}: ${message}`
}

const condition = (type: string, status: string, reason = 'R', message = `${type} is ${status}`) => ({
  type,
  status,
  reason,
  message,
})

describe('every kind', () => {
  test.for([
    ['without status', {}, 'Current: Resource is current'],
    [
      'that is going away',
      { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      'Terminating: Resource scheduled for deletion',
    ],
    [
      'whose generation is not observed',
      { metadata: { generation: 3 }, status: { observedGeneration: 2 } },
      'InProgress: Widget generation is 3, but latest observed generation is 2',
    ],
    [
      'that says Reconciling before Stalled',
      { status: { conditions: [condition('Reconciling', 'True'), condition('Stalled', 'True')] } },
      'InProgress: Reconciling is True',
    ],
    [
      'that says Stalled first',
      { status: { conditions: [condition('Stalled', 'True'), condition('Reconciling', 'True')] } },
      'Failed: Stalled is True',
    ],
    ['that is Ready', { status: { conditions: [condition('Ready', 'True')] } }, 'Current: Resource is Ready'],
    [
      'that is not Ready',
      { status: { conditions: [condition('Ready', 'False')] } },
      'InProgress: Ready is False',
    ],
    [
      'of unknown readiness',
      { status: { conditions: [condition('Ready', 'Unknown')] } },
      'InProgress: Ready is Unknown',
    ],
    ['with conditions that are no list', { status: { conditions: 'x' } }, 'Current: Resource is current'],
  ] as const)('%s', ([, rest, want]) => {
    expect(verdict(object('example.com/v1', 'Widget', rest))).toBe(want)
  })
})

describe('Deployment', () => {
  const good = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const available = condition('Available', 'True')
  const rolledOut = condition('Progressing', 'True', 'NewReplicaSetAvailable')
  test.for([
    [{}, 'InProgress: Replicas: 0/3'],
    [{ ...good, updatedReplicas: 1 }, 'InProgress: Updated: 1/3'],
    [{ ...good, replicas: 4 }, 'InProgress: Pending termination: 1'],
    [{ ...good, availableReplicas: 2 }, 'InProgress: Available: 2/3'],
    [{ ...good, readyReplicas: 2 }, 'InProgress: Ready: 2/3'],
    [{ ...good }, 'InProgress: ReplicaSet not Available'],
    [{ ...good, conditions: [rolledOut] }, 'InProgress: Deployment not Available'],
    [{ ...good, conditions: [rolledOut, available] }, 'Current: Deployment is available. Replicas: 3'],
    [
      { ...good, conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
      'Failed: Progress deadline exceeded',
    ],
  ] as const)('%j is %s', ([status, want]) => {
    const spec = { replicas: 3, progressDeadlineSeconds: 600 }
    expect(verdict(object('apps/v1', 'Deployment', { spec, status }))).toBe(want)
  })

  test('without a deadline needs no condition Progressing', () => {
    const status = { ...good, conditions: [available] }
    expect(verdict(object('apps/v1', 'Deployment', { spec: { replicas: 3 }, status }))).toBe(
      'Current: Deployment is available. Replicas: 3',
    )
  })
})

describe('other workloads', () => {
  const replicas = 2
  const full = { replicas: 2, readyReplicas: 2, availableReplicas: 2, fullyLabeledReplicas: 2 }
  const rollingUpdate = { partition: 1 }
  test.for([
    ['ReplicaSet', { replicas }, { ...full, fullyLabeledReplicas: 1 }, 'InProgress: Labelled: 1/2'],
    ['ReplicaSet', { replicas }, full, 'Current: ReplicaSet is available. Replicas: 2'],
    ['StatefulSet', { replicas }, { ...full, readyReplicas: 1 }, 'InProgress: Ready: 1/2'],
    ['StatefulSet', { replicas }, full, 'InProgress: current: 0/2'],
    [
      'StatefulSet',
      { replicas },
      { ...full, currentReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
      'InProgress: Waiting for updated revision to match current',
    ],
    [
      'StatefulSet',
      { replicas },
      { ...full, currentReplicas: 2, currentRevision: 'a', updateRevision: 'a' },
      'Current: All replicas scheduled as expected. Replicas: 2',
    ],
    ['StatefulSet', { replicas, updateStrategy: { rollingUpdate } }, full, 'InProgress: updated: 0/1'],
    [
      'StatefulSet',
      { replicas, updateStrategy: { rollingUpdate } },
      { ...full, updatedReplicas: 1 },
      'Current: Partition rollout complete. updated: 1',
    ],
    [
      'StatefulSet',
      { updateStrategy: { type: 'OnDelete' } },
      {},
      'Current: StatefulSet is using the ondelete update strategy',
    ],
    ['DaemonSet', {}, {}, 'InProgress: DaemonSet status.observedGeneration not found'],
    ['DaemonSet', {}, { observedGeneration: 1 }, 'InProgress: Missing .status.desiredNumberScheduled'],
    [
      'DaemonSet',
      {},
      {
        observedGeneration: 1,
        desiredNumberScheduled: 1,
        currentNumberScheduled: 1,
        updatedNumberScheduled: 1,
        numberAvailable: 1,
        numberReady: 1,
      },
      'Current: All replicas scheduled as expected. Replicas: 1',
    ],
  ] as const)('%s %j with %j', ([kind, spec, status, want]) => {
    expect(verdict(object('apps/v1', kind, { metadata: { generation: 1 }, spec, status }))).toBe(want)
  })
})

describe('Pod', () => {
  const unschedulable = [condition('PodScheduled', 'False', 'Unschedulable')]
  const looping = [{ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } }]
  test.for([
    [{}, '2026-01-01T00:00:00Z', 'InProgress: Pod phase not available'],
    [{ phase: 'Weird' }, '2026-01-01T00:00:00Z', 'Unknown: unknown phase Weird'],
    [{ phase: 'Pending' }, '2026-01-01T00:00:00Z', 'InProgress: Pod is in the Pending phase'],
    [
      { phase: 'Pending', conditions: unschedulable },
      '2026-01-01T00:00:50Z',
      'InProgress: Pod has not been scheduled',
    ],
    [
      { phase: 'Pending', conditions: unschedulable },
      '2026-01-01T00:00:40Z',
      'Failed: Pod could not be scheduled',
    ],
    [{ phase: 'Running' }, '2026-01-01T00:00:00Z', 'InProgress: Pod is running but is not Ready'],
    [
      { phase: 'Running', containerStatuses: looping },
      '2026-01-01T00:00:00Z',
      'Failed: Containers in CrashLoop state: app',
    ],
    [
      { phase: 'Running', conditions: [condition('Ready', 'True')], containerStatuses: looping },
      '2026-01-01T00:00:00Z',
      'Current: Pod is Ready',
    ],
    [{ phase: 'Succeeded' }, '2026-01-01T00:00:00Z', 'Current: Pod has completed successfully'],
    [{ phase: 'Failed' }, '2026-01-01T00:00:00Z', 'Current: Pod has completed, but not successfully'],
  ] as const)('%j created %s', ([status, creationTimestamp, want]) => {
    expect(verdict(object('v1', 'Pod', { metadata: { creationTimestamp }, status }))).toBe(want)
  })

  test('crash loops fail the StatefulSet that waits for them, pods on their way out do not', () => {
    const set = object('apps/v1', 'StatefulSet', { status: { replicas: 1 } })
    const pod = object('v1', 'Pod', { status: { phase: 'Running', containerStatuses: looping } })
    const leaving = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    const waiting = object('v1', 'Pod', { status: { phase: 'Pending', conditions: unschedulable } })
    expect(verdict(set, [leaving, waiting])).toBe('InProgress: Ready: 0/1')
    expect(verdict(set, [leaving, pod])).toBe('Failed: 1 pods have failed')
  })

  test('do not fail a Deployment', () => {
    const pod = object('v1', 'Pod', { status: { phase: 'Running', containerStatuses: looping } })
    expect(verdict(object('apps/v1', 'Deployment'), [pod])).toBe('InProgress: Replicas: 0/1')
  })
})

test.for([
  ['v1', 'ConfigMap', {}, 'Current: Resource is always ready'],
  ['v1', 'Service', { spec: { type: 'ClusterIP' } }, 'Current: Service is ready'],
  [
    'v1',
    'Service',
    { spec: { type: 'LoadBalancer' } },
    'InProgress: ClusterIP not set. Service type: LoadBalancer',
  ],
  ['v1', 'PersistentVolumeClaim', {}, 'InProgress: PVC is not Bound. phase: unknown'],
  ['v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }, 'Current: PVC is Bound'],
  ['batch/v1', 'Job', { status: { active: 1 } }, 'InProgress: Job in progress'],
  [
    'batch/v1',
    'Job',
    { spec: { parallelism: 2 }, status: { succeeded: 2, conditions: [condition('Complete', 'True')] } },
    'Current: Job Completed. succeeded: 2/2',
  ],
  [
    'batch/v1',
    'Job',
    { status: { failed: 7, conditions: [condition('Failed', 'True')] } },
    'Failed: Job Failed. failed: 7/1',
  ],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, 'InProgress: Install in progress'],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { status: { conditions: [condition('NamesAccepted', 'False', 'Conflict', 'taken')] } },
    'Failed: taken',
  ],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { status: { conditions: [condition('Established', 'False', 'Installing')] } },
    'InProgress: Install in progress',
  ],
  [
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { status: { conditions: [condition('Established', 'True')] } },
    'Current: CRD is established',
  ],
] as const)('%s %s %j is %s', ([apiVersion, kind, rest, want]) => {
  expect(verdict(object(apiVersion, kind, rest))).toBe(want)
})
