import { expect, test } from 'vitest'
import { settledStates } from './settled-states.ts'

const id = { group: '', kind: 'ConfigMap', namespace: 'lab', name: 'a' }
const changes = [{ id, version: 'v1', action: 'created' }] as const

test('knows what was settled under the same key until something changes', () => {
  const states = settledStates()
  states.settle('lab/app', states.mark(), { key: 'one', changes })
  expect(states.find('lab/app', 'one')).toEqual([{ id, version: 'v1', action: 'unchanged' }])
  expect(states.find('lab/app', 'two')).toBeUndefined()
  states.forget('lab/other')
  expect(states.find('lab/app', 'one')).toBeDefined()
  states.forget('lab/app')
  expect(states.find('lab/app', 'one')).toBeUndefined()
})

test('does not settle what changed in the meantime', () => {
  const states = settledStates()
  const mark = states.mark()
  states.forget('lab/app')
  states.settle('lab/app', mark, { key: 'one', changes })
  expect(states.find('lab/app', 'one')).toBeUndefined()
})
