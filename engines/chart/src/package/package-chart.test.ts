import type { Compression } from '@sluice/ports'
import { memoryFileTree } from '@sluice/ports'
import { expect, test } from 'vitest'
import type { Chart } from '../chart.ts'
import { archiveFiles, defaultChartLimits } from '../load/chart-files.ts'
import { loadChartDirectory } from '../load/load-chart.ts'
import { requireArchive } from '../load/load-chart-file.ts'
import { packageChart } from './package-chart.ts'

/** Leaves bytes as they are: what is packed matters here. */
const compression: Compression = { gzip: (data) => data, gunzip: (data) => data }

function chartOf(files: Readonly<Record<string, string>>): Chart {
  return loadChartDirectory(memoryFileTree(Object.entries(files)), '', { compression })
}

function packed(chart: Chart, options: { readonly version?: string } = {}): string[] {
  const { archive } = packageChart(chart, { ...options, compression })
  return archiveFiles(archive, { compression, limits: defaultChartLimits }).map(
    ({ name, data }) => `${name}: ${new TextDecoder().decode(data)}`,
  )
}

const chartYaml = 'unknown: 1\nversion: 1.0\nname: a\napiVersion: v2\n'

test('Chart.yaml is written anew and files have their order', () => {
  const chart = chartOf({
    'Chart.yaml': `${chartYaml}dependencies: [{name: b}]`,
    'Chart.lock': 'generated: "2024-01-02T03:04:05.100Z"\ndigest: x',
    'README.md': 'r',
    'charts/b/Chart.yaml': 'name: b\nversion: 0.1.0\napiVersion: v2',
    'templates/t.yaml': 't',
    'values.yaml': '# kept',
  })
  expect(packed(chart, { version: '2.0.0' })).toEqual([
    'Chart.yaml: apiVersion: v2\ndependencies:\n- name: b\n  repository: ""\nname: a\nversion: 2.0.0\n',
    'Chart.lock: dependencies: null\ndigest: x\ngenerated: "2024-01-02T03:04:05.1Z"\n',
    'values.yaml: # kept',
    'templates/t.yaml: t',
    'README.md: r',
    'charts/b/Chart.yaml: apiVersion: v2\nname: b\nversion: 0.1.0\n',
  ])
})

test.for([
  [
    { 'Chart.yaml': `${chartYaml}dependencies: [{name: b}, {name: c}]` },
    'missing in charts/ directory: b, c',
  ],
  [
    { 'Chart.yaml': chartYaml, 'values.schema.json': '{' },
    'failed to save: invalid JSON in values.schema.json',
  ],
] as const)('case %# is refused', ([files, message]) => {
  expect(() => packed(chartOf(files))).toThrow(message)
})

test.for([
  ['x.yaml', 'a: b', "file 'x.yaml' seems to be a YAML file, but expected a gzipped archive"],
  ['x', 'a: b', "file 'x' does not appear to be a gzipped archive; got 'application/octet-stream'"],
  ['x', 'a'.repeat(600), "file 'x' does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"],
  [
    'x',
    ' <!DOCTYPE html>',
    "file 'x' does not appear to be a gzipped archive; got 'text/html; charset=utf-8'",
  ],
  ['x', 'PK\u0003\u0004', "file 'x' does not appear to be a gzipped archive; got 'application/zip'"],
] as const)('%s is no archive (%#)', ([name, text, message]) => {
  expect(() => requireArchive(name, new TextEncoder().encode(text))).toThrow(message)
})
