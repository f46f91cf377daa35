import { expect, test } from 'vitest'
import { ignoredPointers } from './ignore-rules.ts'

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { team: 'a' } },
}

test.each([
  { target: undefined, hit: true },
  { target: { kind: 'Deployment', name: 'w.*' }, hit: true },
  { target: { kind: 'Deploy' }, hit: false },
  { target: { group: 'apps', version: 'v1' }, hit: true },
  { target: { group: 'batch' }, hit: false },
  { target: { labelSelector: 'team=a' }, hit: true },
  { target: { annotationSelector: 'team' }, hit: false },
])('a rule for $target', ({ target, hit }) => {
  const rule = { paths: ['/spec/replicas'], ...(target && { target }) }
  expect(ignoredPointers([rule])(deployment)).toEqual(hit ? ['/spec/replicas'] : [])
})
