import { CompressionError, memoryFileTree } from '@sluice/ports'
import { expect, test } from 'vitest'
import { loadChartDirectory } from './load-chart.ts'

const compression = {
  gzip: (data: Uint8Array): Uint8Array => data,
  gunzip: (): Uint8Array => {
    throw new CompressionError('COMPRESSION_INVALID', 'no gzip')
  },
}

function loading(chartYaml: string): () => unknown {
  return () => loadChartDirectory(memoryFileTree([['Chart.yaml', chartYaml]]), '', { compression })
}

test.for([
  // The version of the format is looked at before the rest.
  ['apiVersion: v9\ndependencies: x', 'unsupported chart version'],
  ['apiVersion: []', 'cannot unmarshal array into Go struct field chartBase.apiVersion of type string'],
  ['hello', 'cannot unmarshal string into Go value of type loader.chartBase'],
  [
    'dependencies: x',
    'cannot unmarshal string into Go struct field Metadata.dependencies of type []*v2.Dependency',
  ],
  [
    'maintainers: {}',
    'cannot unmarshal object into Go struct field Metadata.maintainers of type []*v2.Maintainer',
  ],
  [
    'maintainers: [x]',
    'cannot unmarshal string into Go struct field Metadata.maintainers of type v2.Maintainer',
  ],
  ['maintainers: [null]', 'maintainers must not contain empty or null nodes'],
  ['name: c\nversion: x', 'chart.metadata.version "x" is invalid'],
] as const)('Chart.yaml %j is refused', ([chartYaml, message]) => {
  expect(loading(chartYaml)).toThrow(message)
})
