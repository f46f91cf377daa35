import { describe, expect, test } from 'vitest'
import { readChartIndex } from './chart-index.ts'
import { resolveChartUrl } from './chart-url.ts'
import { chooseChartVersion } from './choose-version.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const index = (...versions: readonly object[]): Uint8Array =>
  bytes(JSON.stringify({ apiVersion: 'v1', entries: { a: versions } }))
const failure = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('readChartIndex', () => {
  test('sorts by version and leaves out what is invalid', () => {
    const warnings: unknown[] = []
    const repeated = [{ name: 'x' }, { name: 'x' }]
    const { entries } = readChartIndex(
      index(
        { name: 'a', version: '1.9.0' },
        { name: 'a', version: '1.10.0', dependencies: repeated, unknown: 1 },
        { name: 'a', version: '2.0.0', maintainers: [null] },
      ),
      { warn: (message, fields) => warnings.push([message, fields]) },
    )
    expect(entries.get('a')?.map(({ version }) => version)).toEqual(['1.10.0', '1.9.0'])
    const error = 'validation: maintainers must not contain empty or null nodes'
    expect(warnings).toEqual([
      ['skipping loading invalid entry for chart', { name: 'a', version: '2.0.0', error }],
    ])
  })

  test.for([
    ['apiVersion: v1\nfoo: 1', 'error unmarshaling JSON: while decoding JSON: json: unknown field "foo"'],
    [
      '{"apiVersion": 1}',
      'json: cannot unmarshal number into Go struct field IndexFile.apiVersion of type string',
    ],
    [
      'apiVersion: 1\nentries: {a: [{digest: 1, keywords: [1]}]}',
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.keywords of type string',
    ],
    [
      '{"entries": {"a": [{"maintainers": [{"name": 1}]}]}}',
      'json: cannot unmarshal number into Go struct field Maintainer.entries.Metadata.maintainers.name of type string',
    ],
    ['{"generated": 1}', 'Time.UnmarshalJSON: input is not a JSON string'],
  ] as const)('%s', ([text, message]) => {
    expect(failure(() => readChartIndex(bytes(text)))).toBe(message)
  })
})

describe('chooseChartVersion', () => {
  const versions = readChartIndex(
    index(...['2.0.0-rc.1', 'v1.2.0', '1.1.0'].map((version) => ({ name: 'a', version }))),
  )
  test.for([
    ['', 'v1.2.0', undefined],
    ['2.0.0-rc.1', '2.0.0-rc.1', undefined],
    ['~1.1', '1.1.0', undefined],
    ['1.x', 'v1.2.0', undefined],
    ['1.2.0', 'v1.2.0', '1.2.0'],
  ] as const)('%j is %s', ([range, want, requested]) => {
    const warned: unknown[] = []
    const chosen = chooseChartVersion(versions, {
      name: 'a',
      range,
      warn: (_, it) => warned.push(it['requested']),
    })
    expect([chosen.version, ...warned]).toEqual(requested === undefined ? [want] : [want, requested])
  })

  test.for([
    ['a', '9', 'no chart version found for a-9'],
    ['b', '', 'no chart name found'],
  ] as const)('%s %s is not there', ([name, range, message]) => {
    expect(failure(() => chooseChartVersion(versions, { name, range }))).toBe(message)
  })
})

test('a malformed address', () => {
  expect(failure(() => resolveChartUrl('https://a', ':x'))).toBe(
    'failed to parse :x as URL: parse ":x": missing protocol scheme',
  )
})
