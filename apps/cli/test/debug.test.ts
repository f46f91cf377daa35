import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

const namespace = 'flux-system'
const settings: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'settings', namespace },
  data: {
    region: Buffer.from('eu\n').toString('base64'),
    'values.yaml': Buffer.from('b: 2').toString('base64'),
  },
}
const kustomization: KubeObject = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'app', namespace },
  spec: {
    interval: '60s',
    prune: true,
    sourceRef: { kind: 'GitRepository', name: 'app' },
    postBuild: { substitute: { zone: 'a' }, substituteFrom: [{ kind: 'Secret', name: 'settings' }] },
  },
  status: { observedGeneration: 1, lastAppliedRevision: 'main@sha1:1' },
}
const helmRelease: KubeObject = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'app', namespace },
  spec: {
    interval: '60s',
    chartRef: { kind: 'OCIRepository', name: 'app' },
    values: { a: 1 },
    valuesFrom: [{ kind: 'Secret', name: 'settings' }],
  },
}

test.each([
  [
    ['ks', 'app', '--show-status'],
    '# Status documentation: https://fluxcd.io/flux/components/kustomize/kustomizations/#kustomization-status\nlastAppliedRevision: main@sha1:1\nobservedGeneration: 1\n',
  ],
  [
    ['kustomization', 'app', '--show-history'],
    '# History documentation: https://fluxcd.io/flux/components/kustomize/kustomizations/#history\n[]\n',
  ],
  [['ks', 'app', '--show-vars'], 'region=eu\nvalues.yaml=b: 2\nzone=a\n'],
  [['hr', 'app', '--show-values'], 'a: 1\nb: 2\n'],
])('debug %j', async (words, expected) => {
  await using world = await cliWorld()
  for (const object of [settings, kustomization, helmRelease]) await world.put(object)
  expect(await world.run('debug', ...words)).toMatchObject({ exitCode: 0, stdout: expected })
})

test('debug asks for exactly one thing to show', async () => {
  await using world = await cliWorld()
  const { exitCode, stderr } = await world.run('debug', 'hr', 'app', '--show-status', '--show-values')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('exactly one of --show-status, --show-values, or --show-history must be set')
})
