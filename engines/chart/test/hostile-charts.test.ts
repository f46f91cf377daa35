import { gunzipSync, gzipSync } from 'node:zlib'
import { type Compression, CompressionError, memoryFileTree, noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import { type Chart, loadChartArchive, loadChartDirectory, renderChart } from '../src/index.ts'
import { type RawEntry, rawTar } from './raw-tar.ts'

/** As the host's: what is too large ends while it is unpacked. */
const compression: Compression = {
  gzip: (data) => gzipSync(data),
  gunzip: (data, { maxBytes }) => {
    try {
      return gunzipSync(data, { maxOutputLength: maxBytes })
    } catch (cause) {
      const isLarge = (cause as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      const code = isLarge ? 'COMPRESSION_TOO_LARGE' : 'COMPRESSION_INVALID'
      throw new CompressionError(code, 'no gzip', { cause })
    }
  },
}
const ports = { clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto }
const release = { name: 'rel', namespace: 'ns', isUpgrade: false, isInstall: true, revision: 1 }
const chartYaml = 'apiVersion: v2\nname: c\nversion: 0.1.0\n'
const chartEntry: RawEntry = { name: 'c/Chart.yaml', data: chartYaml }
const bounds = { milliseconds: 20_000, bytes: 800 * 1024 * 1024 }

/** What it ends with, which must be within the bounds of time and memory. */
function outcome(work: () => unknown): string {
  const memory = process.memoryUsage()
  const started = performance.now()
  let message = 'succeeds'
  try {
    work()
  } catch (error) {
    message = (error as Error).message
  }
  expect(performance.now() - started).toBeLessThan(bounds.milliseconds)
  const { heapUsed, external } = process.memoryUsage()
  expect(heapUsed + external - memory.heapUsed - memory.external).toBeLessThan(bounds.bytes)
  return message
}

function zeros(bytes: number): Uint8Array {
  return gzipSync(new Uint8Array(bytes))
}

function packed(...entries: readonly RawEntry[]): Uint8Array {
  return gzipSync(rawTar(entries))
}

/** Charts in charts. */
function nested(depth: number): Uint8Array {
  let archive = packed(chartEntry)
  for (let level = 0; level < depth; level += 1) {
    archive = gzipSync(rawTar([chartEntry, { name: 'c/charts/c.tgz', data: archive }]))
  }
  return archive
}

describe('archives', () => {
  test.for([
    [
      'a bomb of zeros',
      () => zeros(300 * 1024 * 1024),
      'decompressed chart is larger than the maximum size 104857600',
    ],
    [
      'bombs one after the other',
      () => Buffer.concat([zeros(1 << 20), zeros(300 * 1024 * 1024)]),
      'decompressed chart is larger than the maximum size 104857600',
    ],
    ['a size that is not there', () => packed({ ...chartEntry, sizeBytes: 8 ** 11 - 1 }), 'unexpected EOF'],
    [
      'a symbolic link',
      () => packed(chartEntry, { name: 'c/templates/x', type: '2', link: '/etc/passwd' }),
      'succeeds',
    ],
    [
      'a hard link',
      () => packed(chartEntry, { name: 'c/templates/x', type: '1', link: '/etc/passwd' }),
      'succeeds',
    ],
    ['an absolute path', () => packed(chartEntry, { name: '/etc/passwd' }), 'succeeds'],
    [
      'an absolute path within',
      () => packed(chartEntry, { name: 'c//etc/passwd' }),
      'chart illegally contains absolute paths',
    ],
    [
      'a path that leaves',
      () => packed(chartEntry, { name: 'c/../../x' }),
      'chart illegally references parent directory',
    ],
    [
      'a path of Windows',
      () => packed(chartEntry, { name: 'c\\..\\..\\x' }),
      'chart illegally references parent directory',
    ],
    ['a drive', () => packed(chartEntry, { name: 'c/C:/x' }), 'chart contains illegally named files'],
    [
      'no directory',
      () => packed({ name: 'Chart.yaml', data: chartYaml }),
      'chart illegally contains content outside the base directory: "Chart.yaml"',
    ],
    [
      '10,000 files',
      () =>
        packed(
          chartEntry,
          ...Array.from({ length: 10_000 }, (_, index) => ({ name: `c/templates/${index}` })),
        ),
      'succeeds',
    ],
    [
      '60,000 files',
      () => packed(chartEntry, ...Array.from({ length: 60_000 }, (_, index) => ({ name: `c/x/${index}` }))),
      'chart has more than 50000 files',
    ],
    ['charts in charts', () => nested(3), 'succeeds'],
    [
      'random bytes',
      () => Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 251),
      'gzip: invalid header',
    ],
  ] as const)('%s', { timeout: 60_000 }, ([, archive, want]) => {
    expect(outcome(() => loadChartArchive(archive(), { compression }))).toContain(want)
  })

  test('links of an archive are empty files: what they point to is not read', () => {
    const archive = packed(chartEntry, { name: 'c/x', type: '2', link: '/etc/passwd' })
    const { files } = loadChartArchive(archive, { compression })
    expect(files.map(({ name, data }) => [name, data.length])).toEqual([['x', 0]])
  })
})

function chartOf(files: Readonly<Record<string, string>>): Chart {
  const tree = memoryFileTree(Object.entries({ 'Chart.yaml': chartYaml, ...files }))
  return loadChartDirectory(tree, '', { compression })
}

function rendering(files: Readonly<Record<string, string>>): string {
  return outcome(() => renderChart(chartOf(files), { release, values: new Map(), ports }))
}

describe('templates', () => {
  test.for([
    ['an endless loop', '{{ range until 2000000000 }}{{ end }}', 'bytes were made'],
    ['loops in loops', '{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}', 'steps'],
    [
      'a template that includes itself',
      '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
      'nested reference name: a',
    ],
    [
      'a text that is its own template',
      '{{ $_ := set . "t" "{{ tpl .t . }}" }}{{ tpl .t . }}',
      'exceeded maximum template depth',
    ],
    ['an output of 300 MB', '{{ range 300 }}{{ repeat 1000000 "x" }}{{ end }}', 'bytes'],
    ['a text of 3 GB', '{{ repeat 3000000000 "x" }}', 'bytes'],
    ['a text that doubles', '{{ $x := "x" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}', 'bytes'],
    ['a text that is indented', '{{ repeat 100000 "\\n" | indent 100000 }}', 'bytes'],
    [
      'a list that doubles',
      '{{ $x := list 1 }}{{ range 40 }}{{ $x = concat $x $x }}{{ end }}',
      'bytes were made',
    ],
    [
      'a list that grows',
      '{{ $x := list }}{{ range 1000000 }}{{ $x = append $x . }}{{ end }}',
      'bytes were made',
    ],
    ['a list without equal items', 'a: {{ until 100000 | uniq | len }}', 'succeeds'],
    ['a map that contains itself', '{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ toYaml $x }}', 'succeeds'],
    [
      'a copy of a map that contains itself',
      '{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ deepCopy $x }}',
      'nested deeper than 1000 levels',
    ],
    ['a slow pattern', 'a: {{ regexMatch "^(a+)+$" (print (repeat 50000 "a") "b") }}', 'succeeds'],
    ['a pattern that explodes', 'a: {{ mustRegexMatch "((a{100}){100}){100}" "a" }}', 'invalid repeat count'],
    ['deep JSON', '{{ fromJson (repeat 200000 "[") }}', 'cannot unmarshal string'],
    ['deep YAML', '{{ fromYaml (repeat 200000 "[") }}', 'mapping values are not allowed'],
    [
      'aliases that multiply',
      'a: {{ fromYaml (print "a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]") | len }}',
      'succeeds',
    ],
    ['random text of 3 GB', '{{ randAlphaNum 3000000000 }}', 'bytes'],
    ['a sequence of many numbers', '{{ seq 1 2000000000 }}', 'bytes were made'],
    ['parentheses without end', `{{ ${'('.repeat(100_000)} }}`, 'max expression depth exceeded'],
    ['blocks without end', '{{ if true }}'.repeat(50_000), 'max control structure depth exceeded'],
  ] as const)('%s', { timeout: 60_000 }, ([, template, want]) => {
    expect(rendering({ 'templates/t.yaml': template })).toContain(want)
  })
})

describe('values and metadata', () => {
  test.for([
    [
      'aliases that multiply',
      {
        'values.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.replace(/./g, (it) => `${it}: &${it} [${Array.from({ length: 9 }, () => `*${String.fromCharCode(it.charCodeAt(0) - 1)}`).join()}]\n`)}`,
      },
      'document contains excessive aliasing',
    ],
    ['deep values', { 'values.yaml': '['.repeat(100_000) }, 'exceeded max depth'],
    ['a table in itself', { 'values.yaml': 'a: &a {b: *a}\n' }, 'contains itself'],
    [
      'dependencies that depend on themselves',
      {
        'Chart.yaml': `${chartYaml}dependencies: [{name: c, version: "*"}]\n`,
        'charts/c/Chart.yaml': `${chartYaml}dependencies: [{name: c, version: "*"}]\n`,
      },
      'succeeds',
    ],
    [
      'a constraint without end',
      { 'Chart.yaml': `${chartYaml}kubeVersion: "${'>1 '.repeat(100_000)}"\n` },
      'is incompatible with Kubernetes',
    ],
    [
      'a name that is a path',
      { 'Chart.yaml': 'apiVersion: v2\nname: ../x\nversion: 1.0.0\n' },
      'chart.metadata.name "../x" is invalid',
    ],
    ['an object of 100,000 documents', { 'templates/t.yaml': '---\na: 1\n'.repeat(100_000) }, 'succeeds'],
  ] as const)('%s', { timeout: 60_000 }, ([, files, want]) => {
    expect(outcome(() => renderChart(chartOf(files), { release, values: new Map(), ports }))).toContain(want)
  })
})
