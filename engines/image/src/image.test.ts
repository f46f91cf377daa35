import { noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import type { CommitData } from './commit/commit-data.ts'
import { renderCommitMessage } from './commit/commit-message.ts'
import { ImageError } from './image-error.ts'
import { selectTag } from './policy/select-tag.ts'
import { imageName, parseImageReference } from './reference.ts'
import { setImages } from './setters.ts'

const ports = { clock: fakeClock(0), random: seededRandom(1), crypto: noCrypto }

describe('selectTag', () => {
  test.for<[Parameters<typeof selectTag>[0], string[], Parameters<typeof selectTag>[2], string]>([
    [{ semver: { range: '>=1.0.0' } }, ['1.2', 'v1.5.0', '2.0.0-rc.1', 'x'], undefined, 'v1.5.0'],
    [{ alphabetical: {} }, ['b', 'a', 'Z'], undefined, 'b'],
    [{ alphabetical: { order: 'desc' } }, ['b', 'a', 'Z'], undefined, 'Z'],
    [{ numerical: { order: 'asc' } }, ['9', '10', '10.0'], undefined, '10.0'],
    [
      { numerical: {} },
      ['main-a-9', 'main-b-10', 'dev-c-11'],
      { pattern: '^main-.-(?P<n>.*)', extract: '$n' },
      'main-b-10',
    ],
  ])('%j', ([policy, tags, filter, want]) => {
    expect(selectTag(policy, tags, filter)).toBe(want)
  })

  test.for<[Parameters<typeof selectTag>[0], string[], Parameters<typeof selectTag>[2], string]>([
    [{}, ['1'], undefined, 'invalid policy: given ImagePolicyChoice object is invalid'],
    [{ semver: { range: 'x y' } }, [], undefined, 'invalid policy: improper constraint: "x y"'],
    [
      { numerical: { order: 'up' } },
      [],
      undefined,
      "invalid policy: invalid order argument provided: 'UP', must be one of: ASC, DESC",
    ],
    [{ numerical: {} }, [], undefined, 'no tags in database'],
    [{ numerical: {} }, ['x'], undefined, "failed to parse invalid numeric value 'x'"],
    [{ numerical: {} }, ['x'], { pattern: '^y' }, 'version list argument cannot be empty'],
    [
      { numerical: {} },
      ['x'],
      { pattern: '(' },
      "failed to filter tags: invalid regular expression pattern '('",
    ],
    [
      { semver: { range: '3.x' } },
      ['1.0.0'],
      undefined,
      'unable to determine latest version from provided list',
    ],
  ])('%j fails', ([policy, tags, filter, message]) => {
    expect(() => selectTag(policy, tags, filter)).toThrow(message)
  })
})

describe('parseImageReference', () => {
  test.for([
    ['alpine', 'index.docker.io/library/alpine:latest'],
    ['docker.io/a/b:1', 'index.docker.io/a/b:1'],
    ['localhost:5000/xy', 'localhost:5000/xy:latest'],
    [`ghcr.io/a/b:1@sha256:${'a'.repeat(64)}`, `ghcr.io/a/b@sha256:${'a'.repeat(64)}`],
  ])('%s is %s', ([text = '', want]) => {
    expect(imageName(parseImageReference(text))).toBe(want)
  })

  test.for(['', 'A/B', 'a b', 'x:', 'x@sha256:1', 'x:t/'])('%j is rejected', (text) => {
    expect(() => parseImageReference(text)).toThrow(ImageError)
  })
})

const policies = [
  { namespace: 'apps', name: 'web', image: { name: 'ghcr.io/acme/web', tag: '1.10', digest: 'sha256:abc' } },
  { namespace: 'apps', name: 'db', image: { name: 'postgres', tag: '16.1' } },
].map((it) => (it.image.digest ? { ...it, image: { ...it.image, digest: `sha256:${'0'.repeat(64)}` } } : it))

const deployment = `# keep
apiVersion: apps/v1
kind:   Deployment
metadata: {name: web, namespace: prod}
spec:
    image: postgres:15   # {"$imagepolicy": "apps:db"}
    tag: '1.9' # {"$imagepolicy": "apps:web:tag"}
    name: x # {"$imagepolicy": "apps:web:name"} and more
    other: x # {"$imagepolicy": "apps:nope"}
    args:
    # {"$imagepolicy": "apps:db:tag"}
    - 15.0
`

describe('setImages', () => {
  test('sets what is marked and leaves the rest as it is', () => {
    const { files, changes, problemFiles } = setImages(
      [
        ['a/web.yaml', deployment],
        ['a/readme.md', deployment],
        ['a/plain.yaml', 'x: 1'],
        ['a/broken.yml', 'x: [ # {"$imagepolicy": "apps:db"}'],
      ],
      policies,
    )
    expect([...files.keys()]).toEqual(['a/web.yaml'])
    expect(files.get('a/web.yaml')).toBe(
      deployment
        .replace('postgres:15 ', 'postgres:16.1 ')
        .replace("'1.9'", "'1.10'")
        .replace('- 15.0', '- "16.1"'),
    )
    expect(problemFiles).toEqual(['a/broken.yml'])
    expect(changes).toEqual([
      {
        file: 'a/web.yaml',
        object: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'prod' },
        changes: [
          { oldValue: 'postgres:15', newValue: 'postgres:16.1', setter: 'apps:db' },
          { oldValue: '1.9', newValue: '1.10', setter: 'apps:web:tag' },
          { oldValue: '15.0', newValue: '16.1', setter: 'apps:db:tag' },
        ],
        images: [
          { image: 'postgres:16.1', policy: { name: 'db', namespace: 'apps' } },
          {
            image: `ghcr.io/acme/web:1.10@sha256:${'0'.repeat(64)}`,
            policy: { name: 'web', namespace: 'apps' },
          },
          { image: 'postgres:16.1', policy: { name: 'db', namespace: 'apps' } },
        ],
      },
    ])
  })

  test('a list of objects has changes by item, a kustomization none with a name', () => {
    const list =
      'kind: List\nitems:\n- {kind: A, metadata: {name: a}, image: postgres:1 # {"$imagepolicy": "apps:db"}\n  }\n'
    const kustomization = 'kind: Kustomization\nimages:\n- newTag: "1" # {"$imagepolicy": "apps:db:tag"}\n'
    const { changes } = setImages(
      [
        ['l.yaml', list],
        ['Kustomization', kustomization],
      ],
      policies,
    )
    expect(changes.map((it) => [it.file, it.object.kind, it.object.name])).toEqual([
      ['l.yaml', 'A', 'a'],
      ['Kustomization', 'Kustomization', ''],
    ])
  })

  test('what is set already is no change', () => {
    const once = setImages([['a.yaml', deployment]], policies).files.get('a.yaml') ?? ''
    expect(setImages([['a.yaml', once]], policies)).toEqual({
      files: new Map(),
      changes: [],
      problemFiles: [],
    })
  })
})

describe('renderCommitMessage', () => {
  const data: CommitData = {
    automation: { name: 'flux', namespace: 'apps' },
    changes: setImages([['web.yaml', deployment]], policies).changes,
    values: { cluster: 'prod' },
  }

  test.for([
    ['', 'Update from image update automation'],
    ['{{ .AutomationObject }} {{ .Values.cluster }}', 'apps/flux prod'],
    [
      '{{ range .Changed.Changes }}{{ .OldValue }}->{{ .NewValue }};{{ end }}',
      'postgres:15->postgres:16.1;1.9->1.10;15.0->16.1;',
    ],
    [
      '{{ range $o, $_ := .Changed.Objects }}{{ $o.Kind }}/{{ $o.Name }} {{ $o }}{{ end }}',
      'Deployment/web {{{apps/v1 Deployment} {web prod}}}',
    ],
    [
      '{{ range .Updated.Images }}{{ .Repository }}:{{ .Identifier }} {{ .Policy.Name }};{{ end }}',
      `library/postgres:16.1 db;acme/web:sha256:${'0'.repeat(64)} web;`,
    ],
  ])('%s', ([template = '', want]) => {
    expect(renderCommitMessage(template, data, { ports })).toBe(want)
  })

  test.for([
    [
      '{{ now }}',
      'unable to create commit message template from spec: template: commit message:1: function "now" not defined',
    ],
    [
      '{{ .Nope }}',
      `failed to run template from spec: template: commit message:1:3: executing "commit message" at <.Nope>: can't evaluate field Nope in type source.TemplateData`,
    ],
    ['{{ .Updated.Images }}', "template uses removed '.Updated' field. Please use '.Changed' instead."],
  ])('%s fails', ([template = '', message]) => {
    expect(() => renderCommitMessage(template, data, { ports, form: 'v1' })).toThrow(message)
  })
})
