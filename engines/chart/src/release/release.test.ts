import { type Compression, CompressionError, type KubeObject, memoryFileTree } from '@sluice/ports'
import { jsonMarshal } from '@sluice/yaml'
import { describe, expect, test } from 'vitest'
import { loadChartDirectory } from '../load/load-chart.ts'
import { parseValues } from '../load/values-file.ts'
import { encodeBase64 } from './base64.ts'
import { releaseObject } from './encode-release.ts'
import type { Release } from './release.ts'
import { checkLabels, mergeLabels, recordOf, releaseOfRecord, revisionsToPrune } from './release-storage.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const magic = [0x1f, 0x8b, 8]
/** Only marks what would be packed: what is packed matters here. */
const compression: Compression = {
  gzip: (data) => Uint8Array.from([...magic, ...data]),
  gunzip: (data, { maxBytes }) => {
    if (data.length > maxBytes) throw new CompressionError('COMPRESSION_TOO_LARGE', 'too large')
    return data.subarray(magic.length)
  },
}

const tree = memoryFileTree(
  Object.entries({
    'Chart.yaml': 'apiVersion: v2\nname: a\nversion: 0.1.0\ndependencies: [{name: b, import-values: [x]}]',
    'Chart.lock': 'digest: d\ngenerated: "2024-01-02T03:04:05Z"\ndependencies: []',
    'values.yaml': 'big: 12345678901234\nf: 1.5',
    'values.schema.json': '{}',
    'templates/t.yaml': 't: "<>"',
  }),
)

function release(revision: number, status = 'deployed'): Release {
  return {
    name: 'demo',
    namespace: 'apps',
    revision,
    info: {
      firstDeployed: '2024-01-02T03:04:05.123456789Z',
      lastDeployed: '2024-01-02T03:04:05.123456789Z',
      deleted: '',
      description: 'Install complete',
      status,
      rollbackRevision: 0,
      notes: '',
    },
    chart: loadChartDirectory(tree, '', { compression }),
    config: parseValues(bytes('a: {b: null}\nl: [1, x]')),
    manifest: '---\nkind: <X>\n',
    hooks: [
      {
        name: 'h',
        kind: 'Job',
        path: 'a/templates/h.yaml',
        manifest: 'kind: Job',
        events: ['pre-install'],
        weight: -5,
        deletePolicies: [],
        outputLogPolicies: [],
        lastRun: { startedAt: '', completedAt: '', phase: '' },
      },
    ],
    applyMethod: 'ssa',
    labels: new Map([['team', 'a']]),
  }
}

const written = { as: 'modified', atSeconds: 1_700_000_000 } as const

describe('a record', () => {
  test('has the fields of Go in their order', () => {
    expect(jsonMarshal(releaseObject(release(1)))).toBe(
      [
        '{"name":"demo","info":{"first_deployed":"2024-01-02T03:04:05.123456789Z",',
        '"last_deployed":"2024-01-02T03:04:05.123456789Z","description":"Install complete","status":"deployed"},',
        '"chart":{"metadata":{"name":"a","version":"0.1.0","apiVersion":"v2",',
        '"dependencies":[{"name":"b","repository":"","import-values":["x"]}]},',
        '"lock":{"generated":"2024-01-02T03:04:05Z","digest":"d","dependencies":[]},',
        '"templates":[{"name":"templates/t.yaml","data":"dDogIjw+Ig=="}],',
        '"values":{"big":12345678901234,"f":1.5},"schema":"e30=","schemamodtime":"0001-01-01T00:00:00Z","files":null},',
        String.raw`"config":{"a":{"b":null},"l":[1,"x"]},"manifest":"---\nkind: \u003cX\u003e\n",`,
        '"hooks":[{"name":"h","kind":"Job","path":"a/templates/h.yaml","manifest":"kind: Job",',
        '"events":["pre-install"],"last_run":{"phase":""},"weight":-5}],',
        '"version":1,"namespace":"apps","apply_method":"ssa"}',
      ].join(''),
    )
  })

  test.for(['Secret', 'ConfigMap'] as const)('is read again from a %s', (kind) => {
    const { raw: _, ...chart } = release(3).chart
    const record = recordOf(release(3), { compression, kind, written })
    expect(record.metadata).toEqual({
      name: 'sh.helm.release.v1.demo.v3',
      namespace: 'apps',
      labels: {
        team: 'a',
        modifiedAt: '1700000000',
        name: 'demo',
        owner: 'helm',
        status: 'deployed',
        version: '3',
      },
    })
    expect(releaseOfRecord(record, { compression })).toEqual({
      ...release(3),
      chart: { ...chart, raw: [] },
    })
  })

  test('of an old Helm is not packed, has empty times and no chart', () => {
    const json =
      '{"name":"x","version":2,"info":{"deleted":"","status":"failed","first_deployed":"0001-01-01T00:00:00Z"}}'
    const record = configMap(encodeBase64(bytes(json)))
    expect(releaseOfRecord(record, { compression })).toMatchObject({
      name: 'x',
      revision: 2,
      info: { deleted: '', firstDeployed: '', status: 'failed' },
      config: undefined,
      chart: { metadata: { name: '' }, templates: [] },
    })
  })

  test.for([
    ['%', 'illegal base64 data'],
    [encodeBase64(bytes('{')), 'unexpected end of JSON input'],
    [
      encodeBase64(bytes('{"version":"1"}')),
      'json: cannot unmarshal string into Go struct field Release.version of type int',
    ],
    [undefined, 'there is no data'],
  ] as const)('%j is refused', ([text, message]) => {
    let cause: unknown
    try {
      releaseOfRecord(configMap(text), { compression })
    } catch (error) {
      cause = (error as Error).cause
    }
    expect((cause as Error).message).toBe(message)
  })
})

function configMap(record: string | undefined): KubeObject {
  const data = record === undefined ? {} : { release: record }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }
}

test('labels of revisions', () => {
  const last = new Map([
    ['a', '1'],
    ['b', '2'],
  ])
  const given = new Map([
    ['b', 'null'],
    ['c', '3'],
  ])
  expect([...mergeLabels(last, given)]).toEqual([
    ['a', '1'],
    ['c', '3'],
  ])
  expect(() => checkLabels(new Map([['owner', 'me']]))).toThrow('system reserved label name')
})

test.for([
  [['superseded', 'superseded', 'deployed'], 3, [1]],
  [['superseded', 'superseded', 'deployed'], 1, [1, 2]],
  [['deployed', 'failed', 'failed'], 2, [2, 3]],
  [['failed', 'failed'], 1, [1, 2]],
  [['superseded', 'deployed'], 3, []],
  [['superseded', 'deployed'], 0, []],
] as const)('of %j, %d are kept', ([statuses, maxHistory, pruned]) => {
  const history = statuses.map((status, index) => release(index + 1, status))
  expect(revisionsToPrune(history, maxHistory)).toEqual(pruned)
})
