import { describe, expect, test } from 'vitest'
import { firstDifference, normalizeJson, normalizeTable, normalizeText } from './normalize.ts'

const ours = 'b'.repeat(40)
const recorded = 'a'.repeat(40)
const commits = new Map([[ours, recorded]])

describe('normalizeText', () => {
  test.for([
    [`main@sha1:${ours}`, `main@sha1:${recorded}`],
    ['Health check passed in 5.049650732s', 'Health check passed in <duration>'],
    ['Health check passed in 12.5ms', 'Health check passed in <duration>'],
    ['timeout waiting for: 20s', 'timeout waiting for: 20s'],
    [
      "failed after 30s: timeout waiting for: [B/n/b status: 'InProgress', A/n/a status: 'NotFound']",
      "failed after 30s: timeout waiting for: [A/n/a status: 'NotFound', B/n/b status: 'InProgress']",
    ],
    ['at 2026-01-02T03:04:05Z', 'at <time>'],
  ] as const)('%s', ([text, want]) => {
    expect(normalizeText(text, commits)).toBe(want)
  })
})

test('volatile fields become placeholders', () => {
  expect(normalizeJson({ metadata: { uid: 'x', name: 'n' }, status: { size: 3 } }, commits)).toEqual({
    metadata: { uid: '<uid>', name: 'n' },
    status: { size: '<size>' },
  })
})

test('tables lose padding and ages', () => {
  const table = '$ kubectl get x\nNAME   AGE   READY\napp    12s   True\n'
  expect(normalizeTable(table, commits)).toBe('$ kubectl get x\nNAME  AGE  READY\napp  <age>  True')
})

test('the first difference is named by its path', () => {
  expect(firstDifference({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toBe('a[0].b: want 2, got 1')
  expect(firstDifference({ a: 1 }, { a: 1 })).toBeUndefined()
  expect(firstDifference({ a: 1 }, {})).toBe('a: want <absent>, got 1')
})
