import type { JsonObject } from '@sluice/ports'
import { builtinSchema } from '@sluice/schema'
import { describe, expect, test } from 'vitest'
import { mergePatchBetween, threeWayMerge } from './three-way.ts'

const deployment = builtinSchema({ group: 'apps', version: 'v1', kind: 'Deployment' })
const withContainers = (containers: readonly JsonObject[]): JsonObject => ({
  spec: { template: { spec: { containers } } },
})

describe('threeWayMerge', () => {
  test.for([
    ['keeps what others have added', { a: 1, theirs: 2 }, { a: 1 }, { a: 3 }, { a: 3, theirs: 2 }],
    ['removes what is no longer wanted', { a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    ['puts back what others have changed', { a: 9 }, { a: 1 }, { a: 1 }, { a: 1 }],
    [
      'goes into objects',
      { o: { a: 1, x: 2 } },
      { o: { a: 1, b: 1 } },
      { o: { a: 2 } },
      { o: { a: 2, x: 2 } },
    ],
    ['replaces lists of unknown kinds', { l: [1, 2] }, { l: [1] }, { l: [3] }, { l: [3] }],
  ] as const)('%s', ([, live, before, after, want]) => {
    expect(threeWayMerge(live, { before, after, schema: undefined })).toEqual(want)
  })

  test.for([
    [
      'merges lists by their keys',
      withContainers([
        { name: 'app', image: 'a:1', env: [{ name: 'X', value: '1' }] },
        { name: 'sidecar', image: 's' },
      ]),
      withContainers([{ name: 'app', image: 'a:1' }]),
      withContainers([{ name: 'app', image: 'a:2' }]),
      withContainers([
        { name: 'app', image: 'a:2', env: [{ name: 'X', value: '1' }] },
        { name: 'sidecar', image: 's' },
      ]),
    ],
    [
      'removes the items of lists that are no longer wanted',
      withContainers([{ name: 'app' }, { name: 'old' }, { name: 'sidecar' }]),
      withContainers([{ name: 'app' }, { name: 'old' }]),
      withContainers([{ name: 'app' }]),
      withContainers([{ name: 'app' }, { name: 'sidecar' }]),
    ],
    [
      'leaves nothing of another strategy',
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      { spec: { strategy: { type: 'RollingUpdate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
    ],
  ] as const)('%s of a built-in kind', ([, live, before, after, want]) => {
    expect(threeWayMerge(live, { before, after, schema: deployment })).toEqual(want)
  })
})

test('a merge patch says only what differs', () => {
  const from = { same: 1, o: { a: 1, b: 2 }, gone: 1, list: [1] }
  const to = { same: 1, o: { a: 1, b: 3 }, list: [1, 2], fresh: 1 }
  expect(mergePatchBetween(from, to)).toEqual({ o: { b: 3 }, gone: null, list: [1, 2], fresh: 1 })
  expect(mergePatchBetween(from, from)).toEqual({})
})
