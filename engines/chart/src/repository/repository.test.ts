import { describe, expect, test } from 'vitest'
import { normalizeChartIndex, readChartIndex, readChartVersions } from './chart-index.ts'
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
    ['{"apiVersion": 1, "generated": 1}', 'Time.UnmarshalJSON: input is not a JSON string'],
  ] as const)('%s', ([text, message]) => {
    expect(failure(() => readChartIndex(bytes(text)))).toBe(message)
  })
})

const chart = (name: string, version: string, more = ''): string =>
  `  - name: ${name}\n    version: ${version}\n${more}`
const yaml = (entries: string, more = ''): Uint8Array => bytes(`apiVersion: v1\nentries:\n${entries}${more}`)

describe('an index in YAML', () => {
  test.for([
    [
      'as programs write it',
      yaml(
        `  a:\n${chart('a', '1.0.0')}${chart('a', '2.0.0')}  b:\n${chart('b', '3.0.0')}generated: "2023-01-01T00:00:00Z"\n`,
      ),
    ],
    [
      'in flow style',
      bytes(
        '{apiVersion: v1, entries: {a: [{name: a, version: 1.0.0}, {name: a, version: 2.0.0}], b: [{name: b, version: 3.0.0}]}}',
      ),
    ],
    [
      'with anchors from chart to chart',
      yaml(
        `  a:\n${chart('a', '1.0.0', '    urls: &u [x]\n')}${chart('a', '2.0.0')}  b:\n${chart('b', '3.0.0', '    urls: *u\n')}`,
      ),
    ],
    [
      'with comments and empty lines',
      yaml(
        `  # one\n  a:\n${chart('a', '1.0.0')}\n# two\n${chart('a', '2.0.0')}  b:\n${chart('b', '3.0.0')}`,
      ),
    ],
    [
      'with ends of line of Windows',
      bytes(
        `apiVersion: v1\r\nentries:\r\n  a:\r\n  - name: a\r\n    version: 1.0.0\r\n  - name: a\r\n    version: 2.0.0\r\n  b:\r\n  - name: b\r\n    version: 3.0.0\r\n`,
      ),
    ],
    [
      'with a text that looks like charts',
      yaml(
        `  a:\n${chart('a', '1.0.0')}${chart('a', '2.0.0', '    description: "\n  - name: x\n  c:\n  - name: c"\n')}  b:\n${chart('b', '3.0.0')}`,
      ),
    ],
  ] as const)('%s', ([, data]) => {
    const { entries } = readChartIndex(data)
    expect([...entries].map(([name, versions]) => [name, versions.map(({ version }) => version)])).toEqual([
      ['a', ['2.0.0', '1.0.0']],
      ['b', ['3.0.0']],
    ])
    expect(readChartVersions(data, 'b')?.map(({ version }) => version)).toEqual(['3.0.0'])
    expect(readChartVersions(data, 'c')).toBeUndefined()
  })

  test.for([
    [
      'a chart twice',
      yaml(`  a:\n${chart('a', '1.0.0')}  a:\n${chart('a', '2.0.0')}`),
      'key "a" already set in map',
    ],
    ['a field twice', yaml(`  a:\n${chart('a', '1.0.0', '    name: b\n')}`), 'key "name" already set in map'],
    ['an unknown field', yaml(`  a:\n${chart('a', '1.0.0', '    foo: b\n')}`), 'unknown field "foo"'],
    [
      'charts twice',
      yaml(`  a:\n${chart('a', '1.0.0')}`, 'entries: {}\n'),
      'key "entries" already set in map',
    ],
    ['no API version', bytes(`entries:\n  a:\n${chart('a', '1.0.0')}`), 'no API version specified'],
  ] as const)('%s is refused', ([, data, message]) => {
    expect(failure(() => readChartIndex(data))).toContain(message)
  })
})

test('an index is stored without what is not valid, in the order of Go', () => {
  const stored = normalizeChartIndex(
    index(
      { version: '1.0.0', name: 'a', digest: '', urls: ['<x>'], unknown: 1, annotations: { b: '2', a: '1' } },
      { name: 'a', version: 'x' },
      {
        name: 'a',
        version: '2.0.0',
        created: '2023-01-02T03:04:05.10Z',
        deprecated: true,
        dependencies: [{ name: 'd', version: '1', repository: '' }],
      },
    ),
  )
  const zero = '0001-01-01T00:00:00Z'
  expect(new TextDecoder().decode(stored)).toBe(
    `{"apiVersion":"v1","generated":"${zero}","entries":{"a":[` +
      '{"name":"a","version":"2.0.0","apiVersion":"v1","deprecated":true,"dependencies":[{"name":"d","version":"1","repository":""}],"urls":[],"created":"2023-01-02T03:04:05.1Z"},' +
      `{"name":"a","version":"1.0.0","apiVersion":"v1","annotations":{"a":"1","b":"2"},"urls":["\\u003cx\\u003e"],"created":"${zero}"}]}}`,
  )
  expect(normalizeChartIndex(stored)).toEqual(stored)
})

function many(count: number, item: string): string {
  return `{"apiVersion":"v1","entries":{"a":[${Array.from({ length: count }, () => item).join()}]}}`
}

describe('hostile indexes end', () => {
  test.for([
    ['more versions than there are', many(1_000_001, '{}'), 'more than 1000000 versions'],
    [
      'deep JSON',
      `{"apiVersion":"v1","serverInfo":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`,
      'nests too deeply',
    ],
    [
      'deep JSON in a version',
      `{"apiVersion":"v1","entries":{"a":[{"dependencies":[{"import-values":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}]}}`,
      'nests too deeply',
    ],
    ['deep YAML', `apiVersion: v1\nserverInfo:\n  a: ${'['.repeat(200_000)}`, 'exceeded max depth'],
    [
      'aliases that multiply',
      `apiVersion: v1\nserverInfo:\n  a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.replace(/./g, (it) => `  ${it}: &${it} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(it.charCodeAt(0) - 1)}`).join()}]\n`)}`,
      'excessive aliasing',
    ],
    ['an end in the middle', '{"apiVersion":"v1","entries":{"a":[{"name":"', ''],
  ] as const)('%s', { timeout: 20_000 }, ([, text, message]) => {
    expect(failure(() => readChartIndex(bytes(text)))).toContain(message)
  })

  test('of many warnings most are only counted', () => {
    const warnings: unknown[] = []
    readChartIndex(bytes(many(5_000, 'null')), { warn: (_, fields) => warnings.push(fields) })
    expect(warnings).toHaveLength(1_001)
    expect(warnings.at(-1)).toEqual({ count: 4_000 })
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
