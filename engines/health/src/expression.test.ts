import { boolType } from '@sluice/cel'
import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { Expression, healthExpressions } from './index.ts'

const object = (status: unknown, generation = 1): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'a', generation },
  status,
})

test.for([
  [{ observedGeneration: 1 }, 'InProgress'],
  [{ observedGeneration: 2, phase: 'Done' }, 'Current'],
  [{ observedGeneration: 2, phase: 'Broken' }, 'Failed'],
  [{ observedGeneration: '1', phase: 'Done' }, 'Current'],
  [{ phase: 'Else' }, 'InProgress'],
] as const)('health expressions judge %j as %s', ([status, want]) => {
  const judge = healthExpressions({
    current: "status.phase == 'Done'",
    failed: "status.phase == 'Broken'",
    inProgress: '!has(status.phase)',
  })
  expect(judge(object(status, 2))).toBe(want)
})

test('a readiness expression compares two objects', () => {
  const expression = new Expression('dep.status.revision == self.spec.revision', {
    variables: ['self', 'dep'],
    outType: boolType,
  })
  const data = { self: { spec: { revision: 'a' } }, dep: { status: { revision: 'a' } } }
  expect(expression.evaluateBoolean(data)).toBe(true)
  expect(() => expression.evaluateBoolean({ ...data, dep: {} })).toThrow(
    "failed to evaluate the CEL expression 'dep.status.revision == self.spec.revision': no such key: status",
  )
})

test('an expression of another type is refused', () => {
  expect(() => new Expression('dep.metadata.name', { variables: ['dep'], outType: boolType })).toThrow(
    'CEL expression output type mismatch: expected bool, got dyn',
  )
})
