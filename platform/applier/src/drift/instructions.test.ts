import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { onlyInstructionsChanged } from './changed-fields.ts'

function configMap(annotations: Record<string, string>, fields: Record<string, object>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'x',
      annotations,
      managedFields: [
        { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
        { manager: 'kubectl-annotate', operation: 'Update', fieldsV1: fields as never },
      ],
    },
  }
}

const group = 'kustomize.toolkit.fluxcd.io'
const before: KubeObject = configMap({}, {})
const prune = 'kustomize.toolkit.fluxcd.io/prune'

test.for([
  [
    'prune: disabled alone is an instruction',
    configMap({ [prune]: 'disabled' }, { 'f:metadata': { 'f:annotations': { [`f:${prune}`]: {} } } }),
    true,
  ],
  [
    'so is a request to reconcile',
    configMap(
      { 'reconcile.fluxcd.io/requestedAt': 'now' },
      { 'f:metadata': { 'f:annotations': { 'f:reconcile.fluxcd.io/requestedAt': {} } } },
    ),
    true,
  ],
  [
    'another annotation is drift',
    configMap({ x: 'y' }, { 'f:metadata': { 'f:annotations': { 'f:x': {} } } }),
    false,
  ],
  [
    'an instruction together with data is drift',
    configMap({ [prune]: 'disabled' }, { 'f:data': { 'f:a': {} } }),
    false,
  ],
] as const)('%s', ([, after, want]) => {
  expect(onlyInstructionsChanged(before, after, group)).toBe(want)
})
