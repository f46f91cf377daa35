import { errorChain, memoryFileTree } from '@sluice/ports'
import { expect, test } from 'vitest'
import { artifactRequests } from './path-pattern.ts'

const sources = new Map([
  [
    'repo',
    memoryFileTree([
      ['apps/Auth/envs/prod/x.yaml', ''],
      ['apps/Auth/envs/dev/x.yaml', ''],
      ['apps/web/envs/prod/x.yaml', ''],
      ['apps/web/README.md', ''],
      ['case/A/x', ''],
      ['case/a/x', ''],
      ['hidden/.x/y', ''],
    ]),
  ],
])

const requests = (pathPattern: string, name: string, from = '@repo/x'): unknown => {
  try {
    const artifacts = [{ name, copy: [{ from, to: '@artifact/' }] }]
    return artifactRequests({ sources: [], pathPattern, artifacts }, sources)
  } catch (error) {
    return errorChain(error)
  }
}

test('each directory becomes an artifact, paths as they were found', () => {
  expect(requests('@repo/apps/{app}/envs/{env}', '{app}-{env}', '@repo/apps/{app}/envs/{env}/**')).toEqual([
    {
      name: 'auth-dev',
      labels: { app: 'auth', env: 'dev' },
      copy: [{ from: '@repo/apps/Auth/envs/dev/**', to: '@artifact/' }],
    },
    {
      name: 'auth-prod',
      labels: { app: 'auth', env: 'prod' },
      copy: [{ from: '@repo/apps/Auth/envs/prod/**', to: '@artifact/' }],
    },
    {
      name: 'web-prod',
      labels: { app: 'web', env: 'prod' },
      copy: [{ from: '@repo/apps/web/envs/prod/**', to: '@artifact/' }],
    },
  ])
})

test.for([
  ['@repo/none/{a}', '{a}', ''],
  ['@none/{a}', '{a}', 'pathPattern "@none/{a}": source alias none not found in local sources'],
  ['@repo', 'x', 'invalid pathPattern format: @repo'],
  [
    '@repo/a/{b',
    'x',
    'pathPattern "@repo/a/{b": invalid capture starting at offset 2: missing closing brace',
  ],
  ['@repo/a}', 'x', 'pathPattern "@repo/a}": invalid capture ending at offset 1: missing opening brace'],
  ['@repo/{}', 'x', 'pathPattern "@repo/{}": empty capture variable'],
  [
    '@repo/{a-b}',
    'x',
    'pathPattern "@repo/{a-b}": capture variable "a-b" must be a valid capture name matching [A-Za-z_][A-Za-z0-9_]*',
  ],
  ['@repo/{a}/{a}', 'x', 'pathPattern "@repo/{a}/{a}": duplicate capture variable "a"'],
  [
    '@repo/{_a}',
    'x',
    'pathPattern "@repo/{_a}": capture variable "_a" is not a valid Kubernetes label key: name part',
  ],
  [
    '@repo/case/{x}',
    '{x}',
    'pathPattern "@repo/case/{x}": directories "case/A" and "case/a" both resolve to artifact name "a"',
  ],
  [
    '@repo/hidden/{x}',
    'a',
    'captured value ".x" for variable "x" is not a valid Kubernetes label value: a valid label must be',
  ],
  [
    '@repo/apps/{x}',
    '{y}',
    'failed to render artifact {y} for match apps/Auth: invalid template "{y}": capture variable "y" is not defined by pathPattern',
  ],
  ['@repo/apps/{x}', '{x', 'invalid template "{x": capture starting at offset 0 is missing closing brace'],
  [
    '@repo/apps/{x}',
    'A{x}',
    'rendered artifact name "Aauth" is not a valid Kubernetes object name: a lowercase RFC 1123',
  ],
] as const)('%s for %s', ([pattern, name, want]) => {
  expect(String(requests(pattern, name))).toContain(want)
})
