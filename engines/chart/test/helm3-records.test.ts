import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Compression, KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { recordOf, releaseOfRecord } from '../src/index.ts'

const compression: Compression = { gzip: (data) => gzipSync(data), gunzip: (data) => gunzipSync(data) }
const records: readonly KubeObject[] = JSON.parse(
  readFileSync(new URL('./fixtures/helm3-records.json', import.meta.url), 'utf8'),
)

test('records of Helm 3 are read', () => {
  const releases = records.map((record) => releaseOfRecord(record, { compression }))
  expect(releases).toMatchObject([
    {
      name: 'old',
      namespace: 'apps',
      revision: 1,
      info: {
        firstDeployed: '2026-11-26T07:24:30.938034021Z',
        status: 'superseded',
        description: 'Install complete',
        notes: 'color blue',
      },
      config: new Map<string, unknown>([
        ['color', 'blue'],
        ['size', 3],
      ]),
      labels: new Map([['team', 'a']]),
      chart: { metadata: { name: 'app', version: '1.2.3', dependencies: [{ name: 'sub', enabled: true }] } },
      hooks: [
        {
          path: 'app/templates/hook.yaml',
          events: ['post-install'],
          weight: 2,
          deletePolicies: ['hook-succeeded'],
          lastRun: { phase: 'Succeeded', completedAt: '2026-11-26T07:24:30.948817721Z' },
        },
      ],
    },
    { revision: 2, info: { status: 'deployed', notes: 'color ' }, config: new Map([['color', null]]) },
  ])
  const [first] = releases
  expect(first?.chart.templates.map(({ name }) => name)).toContain('templates/cm.yaml')
  expect(first?.chart.values?.get('size')).toBe(12_345_678_901_234)
  expect(new TextDecoder().decode(first?.chart.schema)).toBe('{"type":"object"}')
})

test('a record of Helm 3 that is written again says the same', () => {
  for (const record of records) {
    const release = releaseOfRecord(record, { compression })
    const written = recordOf(release, { compression, written: { as: 'modified', atSeconds: 1 } })
    expect(releaseOfRecord(written, { compression })).toEqual(release)
  }
})
