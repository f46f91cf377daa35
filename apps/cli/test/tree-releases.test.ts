import { gzipSync } from 'node:zlib'
import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

const namespace = 'default'
const kustomization: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace },
  spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'app' } },
  status: {
    inventory: { entries: [{ id: 'default_db_helm.toolkit.fluxcd.io_HelmRelease', v: 'v2' }] },
  },
}
const release = (spec: object): KubeObject => ({
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'db', namespace },
  spec: {
    interval: '1m',
    chart: { spec: { chart: 'db', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
    ...spec,
  },
  status: {
    storageNamespace: namespace,
    history: [
      {
        name: 'db',
        namespace: 'data',
        version: 3,
        chartName: 'db',
        chartVersion: '1.0.0',
        configDigest: 'sha256:0',
        digest: 'sha256:0',
        status: 'deployed',
        firstDeployed: '2026-01-01T00:00:00Z',
        lastDeployed: '2026-01-01T00:00:00Z',
      },
    ],
  },
})
const manifest = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: elsewhere, namespace: other}\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\n',
  'apiVersion: gone.example/v1\nkind: Gone\nmetadata: {name: x}\n',
].join('---\n')
const record: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'sh.helm.release.v1.db.v3', namespace },
  data: {
    release: btoa(gzipSync(JSON.stringify({ name: 'db', namespace: 'data', manifest })).toString('base64')),
  },
}
const definition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'bases.db.example',
    labels: { 'helm.toolkit.fluxcd.io/name': 'db', 'helm.toolkit.fluxcd.io/namespace': namespace },
  },
  spec: {
    group: 'db.example',
    scope: 'Namespaced',
    names: { kind: 'Base', plural: 'bases' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}

test.each([
  [
    'without the definitions of a chart',
    {},
    ['ConfigMap/data/settings', 'ConfigMap/other/elsewhere', 'ClusterRole/reader', 'Gone/x'],
  ],
  [
    'with those that the release takes',
    { upgrade: { crds: 'CreateReplace' } },
    [
      'ConfigMap/data/settings',
      'ConfigMap/other/elsewhere',
      'ClusterRole/reader',
      'Gone/x',
      'CustomResourceDefinition/bases.db.example',
    ],
  ],
])('shows what a HelmRelease brought, %s', async (_, spec, objects) => {
  await using world = await cliWorld()
  for (const object of [kustomization, release(spec), record, definition]) await world.put(object)
  const { stdout } = await world.run('tree', 'kustomization', 'apps', '-n', namespace)
  const branches = objects.map((it, at) => `    ${at === objects.length - 1 ? '└──' : '├──'} ${it}`)
  expect(stdout).toBe(
    ['Kustomization/default/apps', '└── HelmRelease/default/db', ...branches, '', ''].join('\n'),
  )
  const compact = await world.run('tree', 'ks', 'apps', '-n', namespace, '--compact')
  expect(compact.stdout).toBe('Kustomization/default/apps\n└── HelmRelease/default/db\n\n')
})
