import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { isReadyAsBefore } from './legacy-ready.ts'

const none = { replicaSets: [], pods: [] }
const object = (kind: string, spec: object, status: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace: 'n', generation: 1, ...metadata },
  spec,
  status,
})
const ready = (type: string) => ({ conditions: [{ type, status: 'True' }] })
const daemons = {
  observedGeneration: 1,
  desiredNumberScheduled: 4,
  updatedNumberScheduled: 4,
  numberReady: 3,
}
const stateful = { observedGeneration: 1, updatedReplicas: 2, readyReplicas: 2 }

test.for([
  ['a ready Pod', object('Pod', {}, ready('Ready')), true],
  ['a Pod that is not', object('Pod', {}), false],
  ['a claim', object('PersistentVolumeClaim', {}, { phase: 'Bound' }), true],
  ['a Service without address', object('Service', { type: 'ClusterIP' }), false],
  ['a balancer without address', object('Service', { type: 'LoadBalancer', clusterIP: '1.2.3.4' }), false],
  ['a name outside', object('Service', { type: 'ExternalName' }), true],
  ['a paused Deployment', object('Deployment', { paused: true }), true],
  ['a Deployment without ReplicaSet', object('Deployment', {}, { observedGeneration: 1 }), false],
  [
    'daemons, one of which may be missing',
    object('DaemonSet', { updateStrategy: { type: 'RollingUpdate' } }, daemons),
    true,
  ],
  [
    'daemons that are replaced by hand',
    object('DaemonSet', { updateStrategy: { type: 'OnDelete' } }, { observedGeneration: 1 }),
    true,
  ],
  ['a StatefulSet', object('StatefulSet', { replicas: 2 }, stateful), true],
  ['a StatefulSet that is behind', object('StatefulSet', { replicas: 3 }, stateful), false],
  ['a definition', object('CustomResourceDefinition', {}, ready('Established')), true],
  ['anything else', object('ConfigMap', {}), true],
] as const)('%s', ([, it, want]) => {
  expect(isReadyAsBefore(it, { related: none, jobs: true })).toBe(want)
})

function revision(number: string) {
  return { annotations: { 'deployment.kubernetes.io/revision': number } }
}

test('a Deployment is as ready as its newest ReplicaSet', () => {
  const deployment = object('Deployment', { replicas: 4 }, { observedGeneration: 1 }, revision('2'))
  const replicaSets = (readyReplicas: number) => [
    object('ReplicaSet', {}, { readyReplicas: 4 }, revision('1')),
    object('ReplicaSet', {}, { readyReplicas }, revision('2')),
  ]
  const isReady = (count: number) =>
    isReadyAsBefore(deployment, { related: { ...none, replicaSets: replicaSets(count) }, jobs: true })
  expect([isReady(2), isReady(3)]).toEqual([false, true])
})

test('a Job counts only when it is asked for, and fails for good', () => {
  const job = object('Job', { completions: 1, backoffLimit: 1 }, { failed: 2 })
  expect(isReadyAsBefore(job, { related: none, jobs: false })).toBe(true)
  expect(() => isReadyAsBefore(job, { related: none, jobs: true })).toThrow('job is failed: n/x')
})
