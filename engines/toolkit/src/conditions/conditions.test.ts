import type { Condition } from '@sluice/ports'
import { describe, expect, test } from 'vitest'
import { editConditions } from './condition-editor.ts'
import { formatTime, setCondition, sortConditions } from './condition-list.ts'
import { type ConditionTable, summarizeConditions } from './summary.ts'
import { mergeConditions } from './three-way.ts'

function condition(type: string, status: Condition['status'], more: Partial<Condition> = {}): Condition {
  const lastTransitionTime = formatTime(0)
  return {
    type,
    status,
    reason: `${type}Reason`,
    message: type,
    lastTransitionTime,
    observedGeneration: 1,
    ...more,
  }
}

describe('setCondition', () => {
  const before = [condition('Ready', 'True')]
  test.for([
    ['status', { status: 'False' }, true],
    ['reason', { reason: 'Other' }, true],
    ['message', { message: 'other' }, true],
    ['nothing but the generation', {}, false],
  ] as const)('a change of %s moves lastTransitionTime: %s', ([, change, moves]) => {
    const [after] = setCondition(before, { ...before[0]!, ...change }, { now: 5_900, generation: 2 })
    expect(after).toMatchObject({
      observedGeneration: 2,
      lastTransitionTime: moves ? '1970-01-01T00:00:05Z' : '1970-01-01T00:00:00Z',
    })
  })

  test('an equal condition leaves the list itself', () => {
    expect(setCondition(before, before[0]!, { now: 9, generation: 1 })).toBe(before)
  })

  test('a long message is cut to 32768 characters', () => {
    const [cut] = setCondition([], condition('A', 'True', { message: 'x'.repeat(40_000) }), {
      now: 0,
      generation: 1,
    })
    expect(cut?.message).toHaveLength(32_768)
    expect(cut?.message.endsWith('x...')).toBe(true)
  })
})

test('Stalled, Reconciling and Ready come first, then later generations, then types', () => {
  const types = ['B', 'A', 'Ready', 'Reconciling', 'C', 'Stalled']
  const list = types.map((type) => condition(type, 'True', { observedGeneration: type === 'C' ? 2 : 1 }))
  expect(sortConditions(list).map((it) => it.type)).toEqual([
    'Stalled',
    'Reconciling',
    'Ready',
    'C',
    'A',
    'B',
  ])
})

describe('summarizeConditions', () => {
  const table: ConditionTable = {
    target: 'Ready',
    owned: [],
    summarize: ['FetchFailed', 'SourceVerified', 'ArtifactInStorage', 'Reconciling'],
    negativePolarity: ['FetchFailed', 'Reconciling'],
  }
  test.for([
    [[], undefined],
    [[['ArtifactInStorage', 'True']], 'True ArtifactInStorage'],
    [
      [
        ['ArtifactInStorage', 'True'],
        ['SourceVerified', 'True'],
      ],
      'True SourceVerified',
    ],
    [
      [
        ['ArtifactInStorage', 'True'],
        ['SourceVerified', 'False'],
      ],
      'False SourceVerified',
    ],
    [
      [
        ['ArtifactInStorage', 'True'],
        ['Reconciling', 'True'],
      ],
      'False Reconciling',
    ],
    [
      [
        ['Reconciling', 'True'],
        ['FetchFailed', 'True'],
      ],
      'False FetchFailed',
    ],
    [[['ArtifactInStorage', 'Unknown']], 'Unknown ArtifactInStorage'],
    [[['FetchFailed', 'False']], 'True FetchFailed'],
    [[['Other', 'True']], undefined],
  ] as const)('%j gives %s', ([pairs, want]) => {
    const summary = summarizeConditions(
      pairs.map(([type, status]) => condition(type, status)),
      table,
    )
    expect(summary && `${summary.status} ${summary.message}`).toBe(want)
  })
})

describe('editConditions', () => {
  test('Reconciling and Stalled exclude each other', () => {
    const editor = editConditions([], observe)
    editor.markStalled('A', 'a')
    editor.markReconciling('B', 'b')
    expect(editor.list.map((it) => it.type)).toEqual(['Reconciling'])
    editor.markStalled('A', 'a')
    expect(editor.list.map((it) => it.type)).toEqual(['Stalled'])
  })

  test.for([
    ['no Ready', [], false, 'Unknown'],
    ['Ready Unknown', [condition('Ready', 'Unknown')], false, 'Unknown'],
    ['Ready True', [condition('Ready', 'True')], false, 'True'],
    ['Ready True and drift', [condition('Ready', 'True')], true, 'Unknown'],
  ] as const)('progress with %s', ([, list, drift, want]) => {
    const editor = editConditions(list, observe)
    editor.progress('Progressing', 'reconciliation in progress', { drift })
    expect(editor.get('Ready')?.status).toBe(want)
    expect(editor.is('Reconciling', 'True')).toBe(true)
  })
})

test('conditions of others survive, owned ones end as the controller says', () => {
  const merged = mergeConditions({
    before: [condition('Ready', 'False'), condition('Reconciling', 'True'), condition('Foreign', 'True')],
    after: [condition('Ready', 'True'), condition('Foreign', 'True')],
    live: [condition('Ready', 'Unknown'), condition('Reconciling', 'True'), condition('Foreign', 'False')],
    owned: ['Ready', 'Reconciling'],
  })
  expect(merged.map((it) => `${it.type}=${it.status}`)).toEqual(['Ready=True', 'Foreign=False'])
})

function observe() {
  return { now: 1_000, generation: 3 }
}
