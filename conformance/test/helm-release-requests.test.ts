import type { Transport } from '@sluice/cluster'
import type { HelmRelease } from '@sluice/toolkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type HelmControllerLab, helmControllerLab } from '../src/lab/helm-controller.ts'
import { labChart, type ReleaseLab, releaseNamespace, startReleaseLab } from '../src/lab/release-lab.ts'

const configMap =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {color: "{{ .Values.color }}"}\n'
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}
`

const release = (name: string, spec: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${releaseNamespace}}
spec:
  interval: 24h
  timeout: 1000h
  chartRef: {kind: HelmChart, name: chart}
  ${spec}
`

const valuesSecret = (color: string): string =>
  `{apiVersion: v1, kind: Secret, metadata: {name: values, namespace: ${releaseNamespace}, labels: {reconcile.fluxcd.io/watch: Enabled}}, stringData: {values.yaml: "color: ${color}"}}`

async function eventually(condition: () => Promise<unknown>): Promise<void> {
  // Others have their turn in between.
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}

function ready(object: HelmRelease | undefined) {
  return object?.status?.conditions?.find((it) => it.type === 'Ready')
}

function isAt(version: string) {
  return (object: HelmRelease | undefined): boolean =>
    ready(object)?.status === 'True' && object?.status?.history?.[0]?.chartVersion === version
}

describe('a helm controller', () => {
  let lab: ReleaseLab
  let controller: HelmControllerLab
  const requests: string[] = []
  const noting = (transport: Transport): Transport => ({
    ...transport,
    request: (request, options) => {
      requests.push(`${request.method} ${request.path}`)
      return transport.request(request, options)
    },
  })

  beforeEach(async () => {
    lab = await startReleaseLab()
    controller = await helmControllerLab(lab)
    await controller.publish(labChart({ 'cm.yaml': configMap }, '1.0.0'))
  })
  afterEach(async () => {
    await lab[Symbol.asyncDispose]()
  })

  test('asks no more than it has to for an upgrade with the rights of an account', async () => {
    await lab.create(`apiVersion: v1
kind: ServiceAccount
metadata: {name: deployer, namespace: ${releaseNamespace}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deployer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: deployer, namespace: ${releaseNamespace}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: values, namespace: ${releaseNamespace}}
data: {values.yaml: "color: red"}
`)
    const stop = controller.startController(noting)
    await lab.create(
      release('frugal', 'serviceAccountName: deployer\n  valuesFrom: [{kind: ConfigMap, name: values}]'),
    )
    await controller.until('frugal', isAt('1.0.0'))
    await controller.publish(labChart({ 'cm.yaml': configMap }, '1.1.0'))
    await controller.until('frugal', isAt('1.1.0'))

    requests.length = 0
    await controller.publish(labChart({ 'cm.yaml': configMap }, '2.0.0'))
    await controller.until('frugal', isAt('2.0.0'))
    expect(requests.filter((it) => /^GET \/(apis?(\/[^/]+\/[^/]+)?|version)$/.test(it))).toEqual([])
    expect(requests.filter((it) => it.includes('/configmaps/values'))).toEqual([])
    expect(requests.length).toBeLessThan(20)
    await stop()
  })

  test('sees a change of values before and after it has remembered them', async () => {
    await lab.create(valuesSecret('red'))
    const stop = controller.startController(noting)
    await lab.create(release('watching', 'valuesFrom: [{kind: Secret, name: values}]'))
    await controller.until('watching', isAt('1.0.0'))
    const secrets = await lab.cluster.resourceFor('v1', 'Secret', { signal: lab.signal })
    for (const color of ['green', 'blue']) {
      const body = { stringData: { 'values.yaml': `color: ${color}` } }
      const write = { signal: lab.signal, fieldManager: 'lab', patch: { kind: 'merge', body } } as const
      // One change after the other: the second one meets what was remembered of the first.
      const before = (await lab.find('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'watching')) as HelmRelease
      await lab.cluster.patch(secrets, { namespace: releaseNamespace, name: 'values' }, write)
      const was = before.status?.history?.[0]?.version ?? 0
      await controller.until(
        'watching',
        (it) => ready(it)?.status === 'True' && (it?.status?.history?.[0]?.version ?? 0) > was,
      )
      expect((await lab.find('v1', 'ConfigMap', 'watching'))?.['data']).toEqual({ color })
    }
    await stop()
  })

  test('leaves waiting for a release when there is a better one, where that is asked for', async () => {
    const gates = { cancelHealthCheckOnNewRevision: true }
    const stop = controller.startController(noting, { gates })
    await lab.create(release('hasty', 'values: {color: red}'))
    await controller.until('hasty', isAt('1.0.0'))
    await controller.publish(labChart({ 'd.yaml': deployment }, '2.0.0'))
    await controller.until('hasty', (it) => it?.status?.lastAttemptedRevision === '2.0.0')
    await eventually(() => lab.find('apps/v1', 'Deployment', 'hasty'))
    await controller.publish(labChart({ 'cm.yaml': configMap }, '3.0.0'))
    await controller.until('hasty', isAt('3.0.0'))
    const events = await controller.events('hasty')
    expect(events).toContain(
      `HealthCheckCanceled: Health checks canceled due to new reconciliation triggered by HelmChart/${releaseNamespace}/chart`,
    )
    expect(events.find((it) => it.startsWith('UpgradeFailed'))).toContain(
      `Helm upgrade failed for release ${releaseNamespace}/hasty with chart app@2.0.0: context canceled`,
    )
    await stop()
  })

  test('does as Helm 3 did where that is asked for', async () => {
    const stop = controller.startController(noting, { gates: { useHelm3Defaults: true } })
    await lab.create(release('old', 'values: {color: red}'))
    await lab.create(release('new', 'values: {color: red}\n  install: {serverSideApply: true}'))
    await controller.until('old', isAt('1.0.0'))
    await controller.until('new', isAt('1.0.0'))
    const operation = async (name: string) =>
      (await lab.find('v1', 'ConfigMap', name))?.metadata.managedFields?.[0]?.operation
    expect(await operation('old')).toBe('Update')
    expect(await operation('new')).toBe('Apply')
    await stop()
  })

  test('takes fields of managers that it overrides for drift', async () => {
    const stop = controller.startController(noting, { overrideManagers: ['stranger'] })
    await lab.create(release('owned', 'values: {color: red}\n  driftDetection: {mode: enabled}'))
    await controller.until('owned', isAt('1.0.0'))
    const configMaps = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
    const patch = { kind: 'merge', body: { data: { extra: 'x' } } } as const
    const write = { signal: lab.signal, fieldManager: 'stranger', patch }
    await lab.cluster.patch(configMaps, { namespace: releaseNamespace, name: 'owned' }, write)
    await eventually(async () =>
      (await controller.events('owned')).some((it) => it.startsWith('DriftCorrected')),
    )
    expect((await lab.find('v1', 'ConfigMap', 'owned'))?.['data']).toEqual({ color: 'red' })
    await stop()
  })
})
