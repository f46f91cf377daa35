import type { Kustomization } from '@sluice/toolkit'
import { expect, test } from 'vitest'
import { startLab } from '../src/lab/lab.ts'

const kustomization = (name: string, annotations: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: lab, annotations: ${annotations}}
spec:
  interval: 10m
  prune: true
  path: ./apps/${name}
  sourceRef: {kind: GitRepository, name: app}
`

const fixed = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: lab}\nimmutable: true\ndata: {value: '${value}'}\n`
const misnamed = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_, namespace: lab}\n'
const generated =
  'resources: [../base]\nconfigMapGenerator: [{name: made, namespace: lab, literals: [a=b]}]\n'

const readyOf = ({ status }: Kustomization) => status?.conditions?.find(({ type }) => type === 'Ready')
const immutable = (name: string) =>
  `ConfigMap/lab/${name} dry-run failed (Invalid): ConfigMap "${name}" is invalid: data: Forbidden: field is immutable when \`immutable\` is set\n`

test('names the file of every object that cannot be applied, if asked to', async () => {
  await using lab = await startLab()
  lab.startController()
  const files = (value: string) => ({
    'apps/told/kustomization.yaml': generated,
    'apps/base/kustomization.yaml': 'resources: [fixed.yaml, more/fine.yaml]\n',
    'apps/base/fixed.yaml': fixed('a', value),
    'apps/base/more/fine.yaml': fixed('b', '1'),
    'apps/plain/fixed.yaml': fixed('c', value),
  })
  const first = await lab.publish(files('1'))
  await lab.create(kustomization('told', '{toolkit.sluice.dev/explain-errors: enabled}'))
  await lab.create(kustomization('plain', '{}'))
  await lab.applied('told', first)
  await lab.applied('plain', first)
  await lab.publish({ ...files('2'), 'apps/base/more/fine.yaml': `${fixed('b', '1')}---\n${misnamed}` })
  const told = await lab.until('told', (it) => readyOf(it)?.status === 'False')
  const plain = await lab.until('plain', (it) => readyOf(it)?.status === 'False')
  expect(readyOf(plain)?.message).toBe(immutable('c'))
  const message = readyOf(told)?.message ?? ''
  expect(message).toContain(immutable('a').slice(0, -1))
  expect(message).toMatch(/^apps\/base\/fixed\.yaml: .*\(immutable field: /m)
  expect(message).toMatch(/^apps\/base\/more\/fine\.yaml: ConfigMap\/lab\/Bad_/m)
  const events = await lab.list('v1', 'Event')
  const filesOf = (name: string) =>
    events
      .filter(({ reason, involvedObject }) => {
        const { name: of } = involvedObject as { readonly name: string }
        return reason === 'ReconciliationFailed' && of === name
      })
      .map(({ metadata }) =>
        metadata.annotations?.['kustomize.toolkit.fluxcd.io/files']?.split(',').toSorted(),
      )
  expect(filesOf('told')).toEqual([['apps/base/fixed.yaml', 'apps/base/more/fine.yaml']])
  expect(filesOf('plain')).toEqual([undefined])
})
