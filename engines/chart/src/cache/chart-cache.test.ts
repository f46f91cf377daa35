import type { Compression } from '@sluice/ports'
import { memoryFileTree, noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { loadChartDirectory } from '../load/load-chart.ts'
import { packageChart } from '../package/package-chart.ts'
import { renderChart } from '../render/render-chart.ts'
import { chartCache } from './chart-cache.ts'

const compression: Compression = { gzip: (data) => data.slice(), gunzip: (data) => data.slice() }
const ports = { clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto }
const release = { name: 'r', namespace: 'n', isUpgrade: false, isInstall: true, revision: 1 }

function archiveOf(name: string, files: Readonly<Record<string, string>> = {}): Uint8Array {
  const tree = memoryFileTree(
    Object.entries({ 'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`, ...files }),
  )
  return packageChart(loadChartDirectory(tree, '', { compression }), { compression }).archive
}

test('a chart is loaded once a digest', () => {
  const charts = chartCache({ compression, ports })
  const chart = charts.load('sha256:a', archiveOf('a'))
  expect(charts.load('sha256:a', new Uint8Array())).toBe(chart)
  expect(charts.get('sha256:a')).toBe(chart)
  expect(charts.get('sha256:b')).toBeUndefined()
})

test('what was used longest ago goes when the bound is reached, and comes back when it is loaded again', () => {
  const one = chartCache({ compression, ports })
  one.load('a', archiveOf('a'))
  const charts = chartCache({ compression, ports, maxBytes: one.sizeBytes * 2 })
  for (const name of ['a', 'b']) charts.load(name, archiveOf(name))
  charts.get('a')
  charts.load('c', archiveOf('c'))
  expect(['a', 'b', 'c'].map((name) => charts.get(name)?.metadata.name)).toEqual(['a', undefined, 'c'])
  expect(charts).toMatchObject({ count: 2, sizeBytes: one.sizeBytes * 2 })
})

test('a chart over the bound is given and not kept, and neither is a failure', () => {
  const charts = chartCache({ compression, ports, maxBytes: 10_000 })
  const large = archiveOf('large', { 'values.yaml': `text: "${'x'.repeat(20_000)}"\n` })
  expect(charts.load('large', large).metadata.name).toBe('large')
  expect(() => charts.load('bad', new Uint8Array(512))).toThrow('no files in chart archive')
  expect(charts).toMatchObject({ count: 0, sizeBytes: 0 })
})

test('rendering a cached chart leaves it as it was', () => {
  const charts = chartCache({ compression, ports })
  const archive = archiveOf('a', {
    'values.yaml': 'a: {b: 1}\n',
    'templates/t.yaml': 'x: {{ set .Values.a "b" (add .Values.a.b 1) | toJson }}\n',
  })
  const contents = [1, 2].map(() => {
    const chart = charts.load('a', archive)
    const rendered = renderChart(chart, { release, values: new Map(), ports, templates: charts.templates })
    return rendered.manifests.map(({ content }) => content)
  })
  expect(contents[1]).toEqual(contents[0])
})
