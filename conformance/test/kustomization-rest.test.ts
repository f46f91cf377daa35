import type { Transport } from '@sluice/cluster'
import { expect, test } from 'vitest'
import { startLab } from '../src/lab/lab.ts'

/** Counts the calls that are about ConfigMaps. */
function counting(calls: string[]): (transport: Transport) => Transport {
  return (transport) => ({
    request: (request, options) => {
      if (request.path.includes('/configmaps')) calls.push(`${request.method} ${request.path}`)
      return transport.request(request, options)
    },
    watch: (request, options) => transport.watch(request, options),
  })
}

test('looks at no object that the watches tell of, and at all when somebody asks or changes one', async () => {
  await using lab = await startLab()
  const calls: string[] = []
  lab.startController({ through: counting(calls) })
  await lab.create(`apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: lab}
spec: {interval: 1m, path: ./app, prune: true, sourceRef: {kind: GitRepository, name: app}}
`)
  const revision = await lab.publish({
    'app/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: lab}\ndata: {a: one}\n',
  })
  const runs = async (atLeast: number) =>
    await lab.until('app', ({ status }) => (status?.history?.[0]?.totalReconciliations ?? 0) >= atLeast)
  await lab.applied('app', revision)
  // The first run begins the watch, the second looks once more.
  await runs(3)
  calls.length = 0
  const { status } = await runs(5)
  expect(calls).toEqual([])
  expect(status?.inventory?.entries).toEqual([{ id: 'lab_a__ConfigMap', v: 'v1' }])

  const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
  const key = { namespace: 'lab', name: 'a' }
  const instruction = { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } } }
  await lab.cluster.patch(resource, key, {
    signal: lab.signal,
    fieldManager: 'kubectl-annotate',
    patch: { kind: 'merge', body: instruction },
  })
  const now = (await lab.until('app', () => true)).status?.history?.[0]?.totalReconciliations ?? 0
  await runs(now + 2)
  expect(calls).not.toEqual([])
})
