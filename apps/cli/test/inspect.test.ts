import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { maskSecret } from '../src/output/mask-secret.ts'
import { cliWorld, readyCondition } from './run-cli.ts'

const revision = 'main@sha1:2c38526902fe500a0f2374cfde80f07daf8d63d1'
const namespace = 'flux-system'
const git: KubeObject = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'app', namespace },
  spec: { interval: '60s', url: 'https://example.com/app', ref: { branch: 'main' } },
  status: {
    conditions: [readyCondition('cannot clone', 'False')],
    artifact: {
      path: 'a',
      url: 'http://a/b.tar.gz',
      revision,
      digest: `sha256:${'0'.repeat(64)}`,
      lastUpdateTime: '2026-01-01T00:00:00Z',
      size: 5325,
    },
  },
}
const kustomization: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'app', namespace },
  spec: {
    interval: '60s',
    path: './app',
    prune: true,
    targetNamespace: 'flux-system',
    sourceRef: { kind: 'GitRepository', name: 'app' },
  },
  status: {
    lastAppliedRevision: revision,
    conditions: [readyCondition(`Applied revision: ${revision}`)],
    inventory: {
      entries: [
        { id: 'flux-system_settings__ConfigMap', v: 'v1' },
        { id: 'flux-system_app_kustomize.toolkit.fluxcd.io_Kustomization', v: 'v1' },
        { id: '_viewer_rbac.authorization.k8s.io_ClusterRole', v: 'v1' },
      ],
    },
  },
}
const configMap: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'settings',
    namespace,
    labels: {
      'kustomize.toolkit.fluxcd.io/name': 'app',
      'kustomize.toolkit.fluxcd.io/namespace': namespace,
    },
  },
}

test('tree shows the inventory, without the Kustomization itself', async () => {
  await using world = await cliWorld()
  await world.put(kustomization)
  expect((await world.run('tree', 'ks', 'app')).stdout).toBe(
    'Kustomization/flux-system/app\n├── ConfigMap/flux-system/settings\n└── ClusterRole/viewer\n\n',
  )
  const { stdout } = await world.run('tree', 'kustomization', 'app', '-o', 'json', '--compact')
  expect(JSON.parse(stdout)).toEqual({
    resource: {
      Namespace: namespace,
      Name: 'app',
      GroupKind: { Group: 'kustomize.toolkit.fluxcd.io', Kind: 'Kustomization' },
    },
  })
})

test('trace goes from an object to its source', async () => {
  await using world = await cliWorld()
  for (const object of [git, kustomization, configMap]) await world.put(object)
  expect((await world.run('trace', 'configmap/settings')).stdout).toBe(`
Object:          ConfigMap/settings
Namespace:       flux-system
Status:          Managed by Flux
---
Kustomization:   app
Namespace:       flux-system
Target:          flux-system
Path:            ./app
Revision:        ${revision}
Status:          Last reconciled at 2026-01-01 00:00:00 +0000 UTC
Message:         Applied revision: ${revision}
---
GitRepository:   app
Namespace:       flux-system
URL:             https://example.com/app
Branch:          main
Revision:        ${revision}
Status:          Last reconciliation failed at 2026-01-01 00:00:00 +0000 UTC
Message:         cannot clone
`)
  expect((await world.run('trace', 'namespace', 'default')).stderr).toBe('✗ object not managed by Flux\n')
})

test('stats counts objects and the bytes of their artifacts', async () => {
  await using world = await cliWorld()
  await world.put(git)
  const lines = (await world.run('stats')).stdout.split('\n')
  expect(lines[0]).toBe('RECONCILERS          \tRUNNING\tFAILING\tSUSPENDED\tSTORAGE ')
  expect(lines[1]).toBe('GitRepository        \t1      \t1      \t0        \t5.2 KiB\t')
  expect(lines).toHaveLength(15)
})

test('events are those of toolkit objects, the oldest first', async () => {
  await using world = await cliWorld()
  await world.put(event('b', 'Kustomization', 55, { count: 3 }))
  await world.put(event('a', 'GitRepository', 40, { type: 'Warning', message: 'a' }))
  await world.put(event('c', 'Pod', 50))
  expect((await world.run('events')).stdout).toBe(
    [
      'LAST SEEN       \tTYPE   \tREASON     \tOBJECT           \tMESSAGE ',
      '60s             \tWarning\tProgressing\tGitRepository/app\ta      \t',
      '5s (x3 over 60s)\tNormal \tProgressing\tKustomization/app\tb one  \t',
      '                \t       \t           \t                 \tb two  \t',
      '',
    ].join('\n'),
  )
  expect((await world.run('events', '--types=warning', '--no-such')).exitCode).toBe(1)
  expect((await world.run('events', '--types=warning')).stdout.split('\n')).toHaveLength(3)
  expect((await world.run('events', '--for', 'Pod/x')).stderr).toBe("✗ 'Pod' is not a recognized Flux kind\n")
})

test('check --pre looks at the version of the server', async () => {
  await using world = await cliWorld()
  expect((await world.run('check', '--pre')).stderr).toMatch(
    /^► checking prerequisites\n✔ Kubernetes 1\.\d+\.\d+\S* >=1\.33\.0-0\n✔ prerequisites checks passed\n$/,
  )
})

test('build prints a directory as the Kustomization would apply it, and as kustomize does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-build-'))
  try {
    writeFileSync(join(directory, 'cm.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n')
    writeFileSync(join(directory, 'kustomization.yaml'), 'resources: [cm.yaml]\n')
    writeFileSync(
      join(directory, 'ks.txt'),
      JSON.stringify({
        ...kustomization,
        spec: { ...(kustomization['spec'] as object), postBuild: { substitute: { name: 'x' } } },
      }),
    )
    await using world = await cliWorld({ workingDirectory: directory })
    const file = ['--kustomization-file', 'ks.txt', '--dry-run']
    expect((await world.run('build', 'ks', 'app', '--path', '.', ...file)).stdout).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    kustomize.toolkit.fluxcd.io/name: app\n' +
        '    kustomize.toolkit.fluxcd.io/namespace: flux-system\n  name: x\n  namespace: flux-system\n---\n',
    )
    expect((await world.run('build', 'ks', 'app', '--path', '.')).stderr).toContain(
      'failed to get kustomization object',
    )
    expect((await world.run('build', 'kustomization', '.')).stdout).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n',
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('what SOPS encrypted is masked', () => {
  const base = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }
  const encrypted = { ...base, sops: { mac: 'ENC[x]' }, data: { a: 'eA==' }, stringData: { b: 'ENC[y]' } }
  expect(maskSecret(encrypted)).toEqual({
    ...base,
    data: { a: btoa('**SOPS**') },
    stringData: { b: '**SOPS**' },
  })
  const document = btoa('{"sops":1,"x":"ENC[z]"}')
  expect(maskSecret({ ...base, data: { a: document, b: 'eA==' } })).toEqual({
    ...base,
    data: { a: btoa('**SOPS**'), b: 'eA==' },
  })
})

function event(name: string, kind: string, seconds: number, more: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: { kind, name: 'app', namespace },
    type: 'Normal',
    reason: 'Progressing',
    message: `${name} one\n${name} two`,
    firstTimestamp: '2025-12-31T23:59:00Z',
    lastTimestamp: `2025-12-31T23:59:${seconds}Z`,
    ...more,
  }
}
