import type { ToolkitObject } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { allReady, liveTable } from './live-table.ts'

function kustomization(
  name: string,
  status: 'True' | 'False' | 'Unknown',
  message: string,
  reason = 'X',
): ToolkitObject {
  const ready = { type: 'Ready', status, reason, message, lastTransitionTime: '' }
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'default', generation: 1 },
    spec: {},
    status: { conditions: [ready], observedGeneration: 1 },
  }
}

function terminal(interactive: boolean): { text: () => string; table: ReturnType<typeof liveTable> } {
  let text = ''
  const err = (more: string): void => {
    text += more
  }
  return { text: () => text, table: liveTable({ out: err, err, interactive, columns: 80 }) }
}

test('without a screen only what changed is printed', () => {
  const { text, table } = terminal(false)
  table.show([kustomization('a', 'Unknown', 'building'), kustomization('b', 'True', 'done')])
  table.show([kustomization('a', 'True', 'done'), kustomization('b', 'True', 'done')])
  expect(text().split('\n')).toEqual([
    '  ◎ Kustomization/default/a  building',
    '  ✔ Kustomization/default/b  done',
    '  ✔ Kustomization/default/a  done',
    '',
  ])
})

test('on a screen the table is drawn over', () => {
  const { text, table } = terminal(true)
  table.show([kustomization('a', 'Unknown', 'building')])
  table.show([kustomization('a', 'False', `main@sha1:${'0123456789'.repeat(4)}`)])
  expect(text()).toContain('\u001b[1A\r')
  expect(text()).toContain('✗ Kustomization/default/a  main@sha1:01234567\n')
})

test('what waits for another object is not shown as failed', () => {
  const { text, table } = terminal(false)
  table.show([
    kustomization('a', 'False', 'no source yet', 'ArtifactFailed'),
    kustomization('b', 'False', 'broken', 'BuildFailed'),
  ])
  expect(text()).toBe('  ◎ Kustomization/default/a  no source yet\n  ✗ Kustomization/default/b  broken\n')
})

test('all are ready only when each has seen its newest generation', () => {
  const ready = kustomization('a', 'True', '')
  expect(allReady([ready])).toBe(true)
  expect(allReady([{ ...ready, metadata: { ...ready.metadata, generation: 2 } }])).toBe(false)
  expect(allReady([])).toBe(false)
})
