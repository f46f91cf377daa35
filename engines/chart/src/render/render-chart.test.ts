import { memoryFileTree, noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import {
  type Chart,
  checkInstallable,
  loadChartDirectory,
  type MutableValues,
  renderChart,
} from '../index.ts'

const compression = {
  gzip: (data: Uint8Array) => data,
  gunzip: (data: Uint8Array) => data,
}
const ports = { clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto }
const release = { name: 'rel', namespace: 'ns', isUpgrade: false, isInstall: true, revision: 1 }
const chartYaml = 'apiVersion: v2\nname: c\nversion: 0.1.0\n'

function chart(files: Readonly<Record<string, string>>): Chart {
  return loadChartDirectory(memoryFileTree(Object.entries({ 'Chart.yaml': chartYaml, ...files })), '', {
    compression,
  })
}

function render(files: Readonly<Record<string, string>>, values: MutableValues = new Map()) {
  return renderChart(chart(files), { release, values, ports })
}

describe('renderChart', () => {
  test('objects come by kind, hooks apart, notes by themselves', () => {
    const { manifests, hooks, notes } = render({
      'templates/a.yaml': 'kind: Service\nmetadata: {name: s}\n---\nkind: Namespace\nmetadata: {name: n}\n',
      'templates/hook.yaml':
        'kind: Job\nmetadata:\n  name: j\n  annotations:\n    helm.sh/hook: pre-install,post-upgrade\n    helm.sh/hook-weight: "-5"\n',
      'templates/NOTES.txt': 'in {{ .Release.Namespace }}',
      'templates/_helpers.tpl': '{{ define "x" }}{{ end }}',
    })
    expect(manifests.map((it) => it.kind)).toEqual(['Namespace', 'Service'])
    expect(hooks).toMatchObject([{ name: 'j', events: ['pre-install', 'post-upgrade'], weight: -5 }])
    expect(notes).toBe('in ns')
  })

  test('a null takes a default away, globals go down, conditions switch dependencies off', () => {
    const files = {
      'Chart.yaml': `${chartYaml}dependencies:\n- {name: s, version: "*", condition: s.on, alias: t}\n`,
      'values.yaml': 'a: 1\nb: {c: 2}\nglobal: {g: 7}\n',
      'templates/t.yaml': 'a: {{ .Values.a }}\nb: {{ .Values.b | toJson }}\n',
      'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 1.0.0\n',
      'charts/s/templates/x.yaml': 'g: {{ .Values.global.g }} {{ .Chart.Name }}\n',
    }
    const values: MutableValues = new Map([['b', new Map([['c', null]])]])
    expect(render(files, values).manifests.map((it) => it.content)).toEqual(['g: 7 t\n', 'a: 1\nb: {}\n'])
    const off: MutableValues = new Map([['s', new Map([['on', false]])]])
    expect(render(files, off).manifests).toHaveLength(1)
  })

  test.for([
    [
      'a Kubernetes that is too old',
      { 'Chart.yaml': `${chartYaml}kubeVersion: ">=99"\n` },
      'chart requires kubeVersion: >=99 which is incompatible with Kubernetes v1.37.0',
    ],
    [
      'a subchart whose values are no table',
      {
        'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 1.0.0\n',
        'Chart.yaml': `${chartYaml}dependencies: [{name: s, version: "*", import-values: [x]}]\n`,
        'values.yaml': 's: yes\n',
      },
      'chart dependencies processing failed: type mismatch on s: true',
    ],
    ['an object that is no YAML', { 'templates/x.yaml': 'a: [' }, 'YAML parse error on c/templates/x.yaml'],
  ] as const)('%s is refused', ([, files, message]) => {
    expect(() => render(files)).toThrow(message)
  })

  test.for([
    ['type: library', 'library charts are not installable'],
    [
      'dependencies: [{name: gone, version: 1.x.x}]',
      'found in Chart.yaml, but missing in charts/ directory: gone',
    ],
  ] as const)('a chart with %s is not installable, but can be rendered', ([line, message]) => {
    const files = { 'Chart.yaml': `${chartYaml}${line}\n` }
    expect(() => checkInstallable(chart(files))).toThrow(message)
    expect(render(files).manifests).toEqual([])
  })
})
