import type { KubeObject } from '@sluice/ports'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  historyText,
  labChart,
  labValues,
  type ReleaseLab,
  releaseNamespace,
  startReleaseLab,
} from '../src/lab/release-lab.ts'

const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`

const plain = labChart({ 'cm.yaml': configMap('{{ .Release.Name }}', '{color: "{{ .Values.color }}"}') })

const managersOf = (object: KubeObject | undefined) =>
  object?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)

describe('a release on the embedded server', () => {
  let lab: ReleaseLab

  beforeAll(async () => {
    lab = await startReleaseLab()
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
  })

  const bounds = () => ({ timeoutMs: 20_000, signal: lab.signal })
  const color = async (name: string) => (await lab.find('v1', 'ConfigMap', name))?.['data']

  test('is installed, upgraded, rolled back and uninstalled', async () => {
    const client = lab.client({ name: 'whole' })
    const installed = await client.install(
      { chart: plain, values: labValues({ color: 'red' }) },
      {},
      bounds(),
    )
    expect(installed.failure).toBeUndefined()
    expect(installed.release?.info).toMatchObject({ status: 'deployed', description: 'Install complete' })
    expect(await color('whole')).toEqual({ color: 'red' })
    expect(managersOf(await lab.find('v1', 'ConfigMap', 'whole'))).toEqual(['helm-controller Apply'])

    const upgraded = await client.upgrade(
      { chart: plain, values: labValues({ color: 'blue' }) },
      {},
      bounds(),
    )
    expect(upgraded.failure).toBeUndefined()
    expect(await color('whole')).toEqual({ color: 'blue' })
    expect(historyText(await client.history(lab.signal))).toBe('1 superseded, 2 deployed')

    const back = await client.rollback(1, {}, bounds())
    expect(back.release?.info).toMatchObject({ status: 'deployed', description: 'Rollback to 1' })
    expect(await color('whole')).toEqual({ color: 'red' })

    const gone = await client.uninstall({}, bounds())
    expect(gone.failure).toBeUndefined()
    expect(gone.release?.info.status).toBe('uninstalled')
    expect(await color('whole')).toBeUndefined()
    expect(await client.history(lab.signal)).toEqual([])
    const again = await client.install({ chart: plain, values: labValues() }, {}, bounds())
    expect(again.failure).toBeUndefined()
  })

  test('is installed over a history that was kept, and leaves it', async () => {
    const client = lab.client({ name: 'kept', behaviour: { maxHistory: 1 } })
    const content = { chart: plain, values: labValues({ color: 'red' }) }
    await client.install(content, {}, bounds())
    await client.uninstall({ keepHistory: true }, bounds())
    const refused = await client.install(content, {}, bounds())
    expect(refused.failure?.message).toBe(
      'release name check failed: cannot reuse a name that is still in use',
    )
    const { failure } = await client.install(content, { replace: true }, bounds())
    expect(failure).toBeUndefined()
    expect(historyText(await client.history(lab.signal))).toBe('1 superseded, 2 deployed')
    await client.upgrade(content, {}, bounds())
    expect(historyText(await client.history(lab.signal))).toBe('2 superseded, 3 deployed')
  })

  test('is recorded as Helm does', async () => {
    const client = lab.client({ name: 'record' })
    await client.install({ chart: plain, values: labValues({ color: 'red' }) }, {}, bounds())
    const secret = await lab.find('v1', 'Secret', 'sh.helm.release.v1.record.v1')
    expect(secret).toMatchObject({
      type: 'helm.sh/release.v1',
      metadata: { labels: { name: 'record', owner: 'helm', status: 'deployed', version: '1' } },
    })
    expect(Object.keys(secret?.metadata.labels ?? {})).toContain('modifiedAt')
    expect(managersOf(secret)).toEqual(['helm-controller Update'])
    const [release] = await client.history(lab.signal)
    expect(release?.manifest).toBe(
      '---\n# Source: app/templates/cm.yaml\napiVersion: v1\ndata:\n  color: red\nkind: ConfigMap\nmetadata:\n  labels:\n    ' +
        `helm.toolkit.fluxcd.io/name: record\n    helm.toolkit.fluxcd.io/namespace: ${releaseNamespace}\n  name: record\n\n`,
    )
  })

  test('looks up what the cluster has', async () => {
    await lab.create(configMap('known', '{a: b}').replace('{name', `{namespace: ${releaseNamespace}, name`))
    const chart = labChart({
      'cm.yaml': configMap(
        'found',
        `{a: '{{ (lookup "v1" "ConfigMap" .Release.Namespace "known").data.a }}', pods: '{{ len (lookup "v1" "Pod" .Release.Namespace "").items }}', apps: '{{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }}'}`,
      ),
    })
    const { failure } = await lab
      .client({ name: 'look' })
      .install({ chart, values: labValues() }, {}, bounds())
    expect(failure).toBeUndefined()
    expect(await color('found')).toEqual({ a: 'b', pods: '0', apps: 'true' })
  })
})
