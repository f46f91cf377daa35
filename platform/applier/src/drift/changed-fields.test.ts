import type { JsonObject, KubeObject, ManagedFieldsEntry } from '@sluice/ports'
import { expect, test } from 'vitest'
import { changedFields, contentChanged } from './changed-fields.ts'

const applier = 'kustomize-controller'

const applied: ManagedFieldsEntry = {
  manager: applier,
  operation: 'Apply',
  fieldsV1: {
    'f:metadata': { 'f:labels': { 'f:team': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { '.': {}, 'f:image': {} } } } },
    },
  },
}

function object(metadata: KubeObject['metadata'], entries: readonly ManagedFieldsEntry[]): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', generation: 1, labels: { team: 'a' }, managedFields: [...entries], ...metadata },
  }
}

const entry = (manager: string, fieldsV1: JsonObject, subresource?: string): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  time: '2026-01-01T00:00:00Z',
  fieldsV1,
  ...(subresource && { subresource }),
})

const before = object({}, [applied])

test.each([
  {
    name: 'fields that somebody wrote',
    after: object({}, [applied, entry('kubectl-edit', { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } })]),
    text: 'spec.replicas, spec.paused by kubectl-edit',
  },
  {
    name: 'a field of an element of a list',
    after: object({}, [
      applied,
      entry('kubectl-set', {
        'f:spec': {
          'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:image': {} } } } },
        },
      }),
    ]),
    text: 'spec.template.spec.containers[name=app].image by kubectl-set',
  },
  {
    name: 'a field that is gone',
    after: object({}, [{ ...applied, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {} } } } }]),
    text: 'spec.replicas, spec.template.spec.containers[name=app].image removed',
  },
  { name: 'what cannot be told', after: object({ generation: 2 }, [applied]), text: 'changed' },
])('names $name', ({ after, text }) => {
  expect(changedFields(before, after, applier)).toBe(text)
})

const ownership = {
  applier,
  takenOver: [{ prefix: 'kubectl', operation: 'Update' }] as const,
}
const finalizer = { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"x"': {} } } }

test.each([
  {
    name: 'a status',
    after: object({}, [applied, entry('kcm', { 'f:status': {} }, 'status')]),
    changed: false,
  },
  {
    name: 'an annotation that comes with a status',
    after: object({ annotations: { 'deployment.kubernetes.io/revision': '1' } }, [
      applied,
      entry('kcm', { 'f:metadata': { 'f:annotations': {} }, 'f:status': {} }, 'status'),
    ]),
    changed: false,
  },
  {
    name: 'the order of keys',
    after: object({}, [{ fieldsV1: applied.fieldsV1 ?? {}, operation: 'Apply', manager: applier }]),
    changed: false,
  },
  {
    name: 'the finalizer of a controller',
    after: object({}, [applied, entry('source-controller', finalizer)]),
    changed: false,
  },
  {
    name: 'a field that nobody applied',
    after: object({ generation: 2 }, [applied, entry('scaler', { 'f:spec': { 'f:paused': {} } })]),
    changed: false,
  },
  {
    name: 'a field of the applier',
    after: object({ generation: 2 }, [
      { ...applied, fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {} } } } },
      entry('scaler', { 'f:spec': { 'f:replicas': {} } }),
    ]),
    changed: true,
  },
  {
    name: 'what another applied under the same name',
    after: object({ generation: 2 }, [{ ...applied, time: '2026-01-02T00:00:00Z' }]),
    changed: true,
  },
  { name: 'a label of the applier', after: object({ labels: { team: 'b' } }, [applied]), changed: true },
  {
    name: 'an owner that is taken over',
    after: object({}, [applied, entry('kubectl-label', { 'f:metadata': {} })]),
    changed: true,
  },
])('a change of $name counts: $changed', ({ after, changed }) => {
  expect(contentChanged(before, after, ownership)).toBe(changed)
})
