import { expect, test } from 'vitest'
import { customHealth } from './custom-checks.ts'

const check = { apiVersion: 'lab.example/v1', kind: 'Widget', current: "status.phase == 'Up'" }
const widget = (status: object, version = 'v1') => ({
  apiVersion: `lab.example/${version}`,
  kind: 'Widget',
  metadata: { name: 'w' },
  status,
})

test.each([
  { object: widget({ phase: 'Up' }), health: { status: 'Current', message: '' } },
  { object: widget({ phase: 'Up' }, 'v2'), health: { status: 'Current', message: '' } },
  { object: widget({ phase: 'Down' }), health: { status: 'Failed', message: '' } },
  { object: widget({ phase: 'New' }), health: { status: 'InProgress', message: '' } },
  {
    object: widget({}),
    health: {
      status: 'Unknown',
      message: "failed to evaluate the CEL expression 'status.phase == 'Down'': no such key: phase",
    },
  },
  {
    object: { ...widget({ phase: 'Down' }), kind: 'Gadget' },
    health: { status: 'Current', message: 'Resource is current' },
  },
])('judges $object by its kind', ({ object, health }) => {
  const judge = customHealth([
    { ...check, failed: "status.phase == 'Down'" },
    { ...check, current: 'false' },
  ])
  expect(judge(object, { now: 0 })).toEqual(health)
})

test('names the check that is wrong', () => {
  expect(() => customHealth([check, { ...check, current: '' }])).toThrow(
    'failed to create custom status evaluator for healthchecks[1]: expression Current not specified',
  )
})
