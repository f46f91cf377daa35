import { build, printResources } from '@sluice/kustomize'
import { errorChain, memoryFileTree, noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { chartInflater } from './chart-inflater.ts'

const chartFiles = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'values.yaml': 'size: 1\ncolor: red\n',
  'crds/c.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: c.example.com}\n',
  'templates/web.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n' +
    'data:\n  size: "{{ .Values.size }}"\n  color: {{ .Values.color }}\n',
  'templates/hook.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: probe\n  annotations: {helm.sh/hook: test}\n',
}

function run(chart: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = Object.entries(chartFiles).map(([path, text]) => [`app/charts/web/${path}`, text] as const)
  const kustomization = `namePrefix: x-\nhelmCharts:\n- name: web\n${chart}`
  const tree = memoryFileTree([
    ['app/kustomization.yaml', kustomization],
    ...folder,
    ...Object.entries(files),
  ])
  const ports = { clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto }
  const compression = { gzip: (data: Uint8Array) => data, gunzip: (data: Uint8Array) => data }
  return printResources(
    build(tree, 'app', { inflater: chartInflater(tree, { compression, ports }) }).resources,
  )
}

function kinds(text: string): (string | undefined)[] {
  return [...text.matchAll(/^kind: (\w+)/gm)].map((it) => it[1])
}

test('A chart is rendered with its values, those of the kustomization over them', () => {
  const text = run('  releaseName: r\n  namespace: ns\n  valuesInline: {color: blue}\n  skipTests: true\n')
  expect(text).toBe(
    'apiVersion: v1\ndata:\n  color: blue\n  size: "1"\nkind: ConfigMap\nmetadata:\n  name: x-r\n  namespace: ns\n',
  )
})

test('Hooks and CRDs come where they are asked for', () => {
  expect(kinds(run(''))).toEqual(['ConfigMap', 'Pod'])
  expect(kinds(run('  skipHooks: true\n  includeCRDs: true\n'))).toEqual([
    'CustomResourceDefinition',
    'ConfigMap',
  ])
})

test('A release is named as the template says', () => {
  expect(run('  nameTemplate: "{{ upper `a` | lower }}-1"\n')).toContain('name: x-a-1\n')
})

test.each([
  ['  version: 2.0.0\n  repo: https://example.com\n', "no chart found at 'app/charts/web-2.0.0/web'"],
  ['  releaseName: No_Good\n', 'release name'],
])('What cannot be rendered is refused: %s', (chart, message) => {
  let chain = ''
  try {
    run(chart)
  } catch (error) {
    chain = errorChain(error)
  }
  expect(chain).toContain("inflating chart 'web'")
  expect(chain).toContain(message)
})
