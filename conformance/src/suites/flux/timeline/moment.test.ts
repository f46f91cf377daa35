import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { findMoment, isPassing } from './moment.ts'
import type { Version } from './timeline.ts'

const progressing = { type: 'Reconciling', status: 'True', reason: 'Progressing' }
const retrying = { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry' }

function state(text: string, { conditions = [] as readonly object[], count = 0 } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', generation: 1 },
    status: { text, conditions, count, observedGeneration: 1 },
  }
}

function history(...objects: readonly (KubeObject | undefined)[]): Version[] {
  return objects.map((object, at) => ({ revision: at + 1, object, row: '' }))
}

const textOf = ({ status }: KubeObject): unknown => (status as { readonly text: string }).text
const countOf = ({ status }: KubeObject): unknown => (status as { readonly count: number }).count

function find(versions: readonly Version[], recorded: KubeObject, since = 0): number | undefined {
  return findMoment(versions, recorded, {
    since,
    isRecorded: (it) => textOf(it) === textOf(recorded) && countOf(it) === countOf(recorded),
    isSame: (a, b) => textOf(a) === textOf(b),
  })?.revision
}

const working = state('working', { conditions: [progressing] })
const done = state('done')

test.for([
  ['what was passed through', history(working, done), working, 1],
  ['where it rests', history(working, done), done, 2],
  ['the latest of equal ones', history(done, working, done), done, 3],
  ['rest, though time set it going again', history(done, working), done, 1],
  ['rest, though time had it done once more', history(done, working, state('done', { count: 1 })), done, 1],
  ['no rest that was left for another', history(done, state('failed')), done, undefined],
  ['nothing that never was', history(state('other')), done, undefined],
  ['what was on its way before it was gone', history(working, undefined), working, 1],
  ['no rest of what is gone', history(done, undefined), done, undefined],
] as const)('%s', ([, versions, recorded, want]) => {
  expect(find(versions, recorded)).toBe(want)
})

test('time does not run backwards', () => {
  expect(find(history(working, done), working, 2)).toBeUndefined()
})

test.for([
  ['at work', working, true],
  ['failing, and tried again', state('x', { conditions: [retrying] }), false],
  ['done', done, false],
  ['deleted', { ...done, metadata: { ...done.metadata, deletionTimestamp: 'now' } }, true],
  ['not seen by its controller', { ...done, metadata: { ...done.metadata, generation: 2 } }, true],
] as const)('%s', ([, object, want]) => {
  expect(isPassing(object)).toBe(want)
})
