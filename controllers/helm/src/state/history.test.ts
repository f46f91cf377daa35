import type { ReleaseSnapshot } from '@sluice/toolkit'
import { describe, expect, test } from 'vitest'
import { hasBeenTested, previousOf, trimmed } from './history.ts'

const snapshot = (version: number, status: string, phase?: string): ReleaseSnapshot => ({
  digest: '',
  name: 'web',
  namespace: 'apps',
  version,
  status,
  chartName: 'mini',
  chartVersion: '1.0.0',
  configDigest: '',
  firstDeployed: '',
  lastDeployed: '',
  ...(phase !== undefined && { testHooks: { one: { phase } } }),
})
const versions = (history: readonly ReleaseSnapshot[]) => history.map(({ version }) => version)

describe('the release to roll back to', () => {
  const history = [
    snapshot(4, 'deployed'),
    snapshot(3, 'failed'),
    snapshot(2, 'superseded', 'Failed'),
    snapshot(1, 'superseded'),
  ]

  test.for([
    [false, 1, [4, 3, 2, 1]],
    [true, 2, [4, 3, 2]],
  ] as const)('with failed tests ignored %s', ([ignoreTests, previous, kept]) => {
    expect(previousOf(history, { ignoreTests })?.version).toBe(previous)
    expect(versions(trimmed(history, { ignoreTests }))).toEqual(kept)
  })

  test('is none where all failed; the newest few are kept then', () => {
    const failed = [1, 7, 3, 4, 5, 6, 2].map((version) => snapshot(version, 'failed'))
    expect(previousOf(failed, { ignoreTests: true })).toBeUndefined()
    expect(versions(trimmed(failed, { ignoreTests: true }))).toEqual([7, 6, 5, 4, 3])
  })
})

test.for([
  [undefined, false],
  ['Succeeded', true],
  ['Failed', true],
  ['Running', false],
] as const)('a test in phase %s counts as a result: %s', ([phase, want]) => {
  expect(hasBeenTested(snapshot(1, 'deployed', phase))).toBe(want)
})

test('no tests to run is a result', () => {
  expect(hasBeenTested({ ...snapshot(1, 'deployed'), testHooks: {} })).toBe(true)
})
