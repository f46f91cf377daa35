import type { HelmRelease } from '@sluice/toolkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HelmControllerLab, helmControllerLab } from '../src/lab/helm-controller.ts'
import { labChart, type ReleaseLab, releaseNamespace, startReleaseLab } from '../src/lab/release-lab.ts'

const chart = labChart({
  'cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {color: red, size: "1"}\n',
})

const release = (name: string, mode: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${releaseNamespace}}
spec:
  interval: 24h
  chartRef: {kind: HelmChart, name: chart}
  driftDetection: {mode: ${mode}}
`

function condition(object: HelmRelease | undefined, type: string) {
  return object?.status?.conditions?.find((it) => it.type === type)
}

function isReady(object: HelmRelease | undefined): boolean {
  return condition(object, 'Ready')?.status === 'True'
}

describe('drift of a release', () => {
  let lab: ReleaseLab
  let controller: HelmControllerLab
  let stop: () => Promise<void>

  beforeAll(async () => {
    lab = await startReleaseLab()
    controller = await helmControllerLab(lab)
    stop = controller.startController()
    await controller.publish(chart)
  })
  afterAll(async () => {
    await stop()
    await lab[Symbol.asyncDispose]()
  })

  const data = async (name: string) => (await lab.find('v1', 'ConfigMap', name))?.['data']
  const patch = async (name: string, changes: Record<string, string>) => {
    const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
    const write = { signal: lab.signal, fieldManager: 'kubectl-edit' }
    const body = { kind: 'merge', body: { data: changes } } as const
    await lab.cluster.patch(resource, { namespace: releaseNamespace, name }, { ...write, patch: body })
  }
  const drifts = async (name: string) =>
    (await controller.events(name)).filter((it) => it.startsWith('Drift'))

  // The first of its kind: nobody watches it yet when it changes.
  test('is only told of where that is wanted', async () => {
    await lab.create(release('told', 'warn'))
    await controller.until('told', isReady)
    await patch('told', { size: '2' })
    await controller.until('told', (it) => condition(it, 'Drifted')?.status === 'True')
    expect(await data('told')).toEqual({ color: 'red', size: '2' })
  })

  test('is put back without waiting for the interval, and named', async () => {
    await lab.create(release('kept', 'enabled'))
    await controller.until('kept', isReady)
    // Until the run has come to its end: it would find the change itself.
    await lab.clock.sleep(60_000)
    await patch('kept', { color: 'blue' })
    await expect.poll(() => data('kept'), { timeout: 10_000 }).toEqual({ color: 'red', size: '1' })
    await expect
      .poll(() => drifts('kept'), { timeout: 10_000 })
      .toEqual([
        `DriftDetected: Cluster state of release ${releaseNamespace}/kept.v1 has drifted from the desired state:\n` +
          `ConfigMap/${releaseNamespace}/kept changed (0 additions, 1 changes, 0 removals)`,
        `DriftDetected: drift seen\nConfigMap/${releaseNamespace}/kept: data.color by kubectl-edit`,
        `DriftCorrected: Cluster state of release ${releaseNamespace}/kept.v1 has been corrected:\n` +
          `ConfigMap/${releaseNamespace}/kept configured`,
      ])
  })

  test('is nobody’s concern where nobody asks for it', async () => {
    await lab.create(release('free', 'disabled'))
    await controller.until('free', isReady)
    await patch('free', { color: 'blue' })
    await lab.clock.sleep(60_000)
    expect(await data('free')).toEqual({ color: 'blue', size: '1' })
    expect(await drifts('free')).toEqual([])
  })
})
