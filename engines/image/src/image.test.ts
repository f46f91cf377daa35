import { noCrypto } from '@sluice/ports'
import { fakeClock, seededRandom } from '@sluice/ports/testing'
import { describe, expect, test } from 'vitest'
import type { CommitData } from './commit/commit-data.ts'
import { renderCommitMessage } from './commit/commit-message.ts'
import { ImageError } from './image-error.ts'
import { selectTag, tagPolicy } from './policy/tag-policy.ts'
import { imageName, parseImageName, parseImageReference } from './reference.ts'
import { tagsRevision } from './revision.ts'
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

const inOrder = (tags: readonly string[]): string[] => [...new Set(tags)].toSorted().toReversed()

describe('tagPolicy', () => {
  test('explains its choice', () => {
    const filter = { pattern: '^v?(?P<v>[0-9].*)', extract: '$v' }
    const verdicts = tagPolicy({ semver: { range: '1.x' } }, filter).explain([
      'v1.2.0',
      '1.10.0',
      '1.1.0',
      '2.0.0',
      'latest',
      '1x',
    ])
    expect(verdicts.map(({ tag, text, kind, reason }) => [tag, text, kind, reason])).toEqual([
      ['1.10.0', '1.10.0', 'chosen', 'the highest version within 1.x'],
      ['v1.2.0', '1.2.0', 'earlier', 'earlier than 1.10.0'],
      ['1.1.0', '1.1.0', 'earlier', 'earlier than 1.10.0'],
      ['2.0.0', '2.0.0', 'refused', 'not within 1.x'],
      ['1x', '1x', 'refused', 'no semantic version'],
      ['latest', undefined, 'filtered', 'does not match the filter'],
    ])
  })

  test.for<[Parameters<typeof tagPolicy>[0], Parameters<typeof tagPolicy>[1], string[]]>([
    [{ semver: { range: '*' } }, undefined, ['1.0.0', 'v1.0.0', '1.0']],
    [{ numerical: {} }, undefined, ['1', '1.0', '01']],
    [{ numerical: { order: 'desc' } }, { pattern: '-(.*)', extract: '$1' }, ['a-2', 'b-1', 'c-1', 'd-3']],
    [{ alphabetical: {} }, { pattern: '^(.)', extract: '$1' }, ['a1', 'b1', 'b2', 'a3']],
  ])('%j %j explains what it selects', ([choice, filter, tags]) => {
    const policy = tagPolicy(choice, filter)
    expect(policy.explain(tags)[0]).toMatchObject({ kind: 'chosen', tag: policy.select(tags) })
  })

  test('needs only the tag chosen before and the new ones', () => {
    const random = seededRandom(7)
    const pick = (from: readonly string[]): string => from[Math.floor(random.float() * from.length)] ?? ''
    const pool = ['1.0.1', '1.0.0', 'v1.0.0', '1.1.0', '0.9.0', 'v2.0.0-rc.1', '2.0.0', '1.1.0+b', '3', '1']
    const policies = [
      tagPolicy({ semver: { range: '>=0.1.0-0' } }),
      tagPolicy({ semver: { range: '1.x' } }, { pattern: '^v?(.*?)(?:\\+.*)?$', extract: '$1' }),
      tagPolicy({ numerical: {} }, { pattern: '^v?([0-9])', extract: '$1' }),
      tagPolicy({ alphabetical: { order: 'desc' } }, { pattern: '^v?([0-9])', extract: '$1' }),
    ]
    for (let round = 0; round < 200; round += 1) {
      const before = [...new Set(['1.0.0', ...Array.from({ length: 4 }, () => pick(pool))])]
        .toSorted()
        .toReversed()
      for (const policy of policies) {
        const chosen = policy.select(before)
        const kept = before.filter((tag) => tag === chosen || random.float() < 0.5)
        const added = Array.from({ length: 3 }, () => pick(pool)).filter((tag) => !before.includes(tag))
        expect(policy.select(inOrder([chosen, ...added]))).toBe(policy.select(inOrder([...kept, ...added])))
      }
    }
  })
})

describe('tagsRevision', () => {
  test.for<[string[], string]>([
    [[], '18153657'],
    [['1.2.0', '1.1.0-rc.1', '1.1.0', '1.0.1', '1.0.0'], '3512928452'],
  ])('%j is %s, as Flux has it', ([tags, want]) => {
    expect(tagsRevision(tags)).toBe(want)
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

describe('parseImageName', () => {
  test.for([
    ['cnych/devops-demo', 'index.docker.io/cnych/devops-demo'],
    ['docker.io/alpine', 'index.docker.io/library/alpine'],
    ['[::1]:5000/app', '[::1]:5000/app'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['https://ghcr.io/a', "image 'https://ghcr.io/a' should not include URL scheme; remove 'https://'"],
    ['ghcr.io/a/b:1', "image 'ghcr.io/a/b:1' should not include a tag; remove ':1'"],
    ['docker.io/a/b:1', "image 'docker.io/a/b:1' should not include a tag; remove ':1'"],
    [
      `a.b/cc@sha256:${'0'.repeat(64)}`,
      `image 'a.b/cc@sha256:${'0'.repeat(64)}' should not include a tag; remove ':${'0'.repeat(64)}'`,
    ],
    ['a.b/C', 'could not parse reference: a.b/C'],
  ])('%s', ([image = '', want]) => {
    const read = (): string => {
      const { registry, repository } = parseImageName(image)
      return `${registry}/${repository}`
    }
    expect(attempt(read)).toBe(want)
  })
})

function attempt(work: () => string): string {
  try {
    return work()
  } catch (error) {
    return (error as Error).message
  }
}

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
