import type { ReleaseSnapshot } from '@sluice/toolkit'
import { describe, expect, test } from 'vitest'
import { type DecisionFacts, nextAction } from './next-action.ts'
import type { ReleaseState } from './release-state.ts'

const snapshot = (version: number, status: string): ReleaseSnapshot => ({
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
})

const failed: ReleaseState = { kind: 'failed', reason: '' }
const history = [snapshot(2, 'failed'), snapshot(1, 'superseded')]

type Case = Partial<Omit<DecisionFacts, 'status'>> & {
  readonly installFailures?: number
  readonly upgradeFailures?: number
  readonly last?: 'install' | 'upgrade'
}

function decide(state: ReleaseState, { installFailures, upgradeFailures, last, ...facts }: Case = {}) {
  const { action } = nextAction(state, {
    spec: {},
    isForced: false,
    isUnchanged: () => true,
    ...facts,
    status: { history, installFailures, upgradeFailures, lastAttemptedReleaseAction: last },
  })
  return action.kind === 'rollback' ? `rollback to ${action.target.version}` : action.kind
}

const retries = (count: number, more: object = {}) => ({
  upgrade: { remediation: { retries: count, ...more } },
  install: { remediation: { retries: count, ...more } },
})

describe('without failures', () => {
  test.for([
    [{ kind: 'absent', reason: '' }, 'install'],
    [{ kind: 'unmanaged', reason: '' }, 'upgrade'],
    [{ kind: 'outOfSync', reason: '' }, 'upgrade'],
    [{ kind: 'untested' }, 'test'],
    [{ kind: 'inSync' }, 'none'],
    [{ kind: 'drifted', drift: [] }, 'none'],
  ] as const)('%j calls for %s', ([state, want]) => {
    expect(decide(state)).toBe(want)
  })

  test('drift is corrected where that is asked for', () => {
    const spec = { driftDetection: { mode: 'enabled' } } as const
    expect(decide({ kind: 'drifted', drift: [] }, { spec })).toBe('correct')
  })

  test('a release that others changed is taken over without its history', () => {
    const facts = { spec: {}, status: { history }, isForced: false, isUnchanged: () => true }
    expect(nextAction({ kind: 'unmanaged', reason: '' }, facts).history).toEqual([])
  })
})

describe('after failures', () => {
  test.for([
    ['an upgrade without retries is left as it is', { spec: {}, upgradeFailures: 1 }, 'exhausted'],
    ['an upgrade with retries is undone', { spec: retries(1), upgradeFailures: 1 }, 'rollback to 1'],
    ['the last failure is undone, too', { spec: retries(1), upgradeFailures: 2 }, 'rollback to 1'],
    [
      'the last failure stays where that is asked for',
      { spec: retries(1, { remediateLastFailure: false }), upgradeFailures: 2 },
      'exhausted',
    ],
    ['retries without end do not end', { spec: retries(-1), upgradeFailures: 99 }, 'rollback to 1'],
    [
      'removing undoes as well',
      { spec: { upgrade: { remediation: { retries: 1, strategy: 'uninstall' } } }, upgradeFailures: 1 },
      'uninstall',
    ],
    [
      'a target that others changed is no target',
      { spec: retries(1), upgradeFailures: 1, isUnchanged: () => false },
      'upgrade',
    ],
    ['other conditions are a new chance', { spec: retries(1), upgradeFailures: 0 }, 'upgrade'],
    ['a forced release ignores counts', { spec: {}, upgradeFailures: 5, isForced: true }, 'upgrade'],
    [
      'RetryOnFailure undoes nothing',
      { spec: { upgrade: { strategy: { name: 'RetryOnFailure' } } }, upgradeFailures: 5 },
      'upgrade',
    ],
    ['retrying may be the default', { spec: {}, upgradeFailures: 5, retriesByDefault: true }, 'upgrade'],
  ] as const)('%s', ([, facts, want]) => {
    expect(decide(failed, { last: 'upgrade', ...facts })).toBe(want)
  })

  test.for([
    [1, 'uninstall'],
    [2, 'exhausted'],
  ] as const)('an installation that failed %d times calls for %s', ([installFailures, want]) => {
    expect(decide(failed, { spec: retries(1), last: 'install', installFailures })).toBe(want)
  })

  test('what cannot be installed any more is installed when it is forced', () => {
    const facts = { installFailures: 1, last: 'install' } as const
    expect(decide({ kind: 'absent', reason: '' }, facts)).toBe('exhausted')
    expect(decide({ kind: 'absent', reason: '' }, { ...facts, isForced: true })).toBe('install')
  })
})
