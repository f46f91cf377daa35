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

const configMap = (name: string, data: string, metadata = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${name}"${metadata}}\ndata: ${data}\n`

const chart = labChart({ 'cm.yaml': configMap('{{ .Release.Name }}', '{{ .Values.data | toJson }}') })

function content(data: object) {
  return { chart, values: labValues({ data }) }
}

function managersOf(object: KubeObject | undefined): readonly string[] {
  const entries = object?.metadata.managedFields ?? []
  // Entries of one second are in no order that matters.
  const texts = entries.map(({ manager, operation, fieldsV1 }) => {
    const data = Object.keys((fieldsV1?.['f:data'] ?? {}) as object).filter((it) => it !== '.')
    return `${manager} ${operation} ${data.join(' ')}`
  })
  return texts.toSorted()
}

describe('objects of a release', () => {
  let lab: ReleaseLab

  beforeAll(async () => {
    lab = await startReleaseLab()
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
  })

  const bounds = () => ({ timeoutMs: 20_000, signal: lab.signal })
  const find = (name: string) => lab.find('v1', 'ConfigMap', name)
  const patch = async (name: string, data: object, fieldManager = 'someone') => {
    const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
    const body = { data } as { data: Record<string, string> }
    const key = { namespace: releaseNamespace, name }
    await lab.cluster.patch(resource, key, {
      signal: lab.signal,
      fieldManager,
      patch: { kind: 'merge', body },
    })
  }
  const apply = async (name: string, data: object, fieldManager: string) => {
    const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
    const metadata = { namespace: releaseNamespace, name }
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
    await lab.cluster.apply(resource, object, { signal: lab.signal, fieldManager, force: true })
  }

  test('are taken from whoever owned them, fields by other managers included', async () => {
    await apply('held', { message: 'held', other: 'o' }, 'other')
    const { failure } = await lab.client({ name: 'held' }).install(content({ message: 'ours' }), {}, bounds())
    expect(failure).toBeUndefined()
    const taken = await find('held')
    expect(taken?.['data']).toEqual({ message: 'ours', other: 'o' })
    expect(taken?.metadata.annotations).toMatchObject({ 'meta.helm.sh/release-name': 'held' })
    expect(managersOf(taken)).toEqual(['helm-controller Apply f:message', 'other Apply f:other'])
  })

  test('are left alone when they may not be taken', async () => {
    await lab.create(configMap('left', '{message: mine}', `, namespace: ${releaseNamespace}`))
    const client = lab.client({ name: 'left' })
    const end = await client.install(content({ message: 'ours' }), { disableTakeOwnership: true }, bounds())
    expect(end.failure?.message).toBe(
      `unable to continue with install: ConfigMap "left" in namespace "${releaseNamespace}" exists and cannot be imported into the ` +
        'current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; ' +
        'annotation validation error: missing key "meta.helm.sh/release-name": must be set to "left"; ' +
        `annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "${releaseNamespace}"`,
    )
    expect(end.release).toBeUndefined()
    expect(await client.history(lab.signal)).toEqual([])
  })

  test('are written as Helm 3 did where that is asked for, and taken over later', async () => {
    const client = lab.client({ name: 'old' })
    await client.install(content({ a: '1', b: '2' }), { serverSideApply: false }, bounds())
    expect(managersOf(await find('old'))).toEqual(['helm-controller Update f:a f:b'])
    await patch('old', { theirs: 'x', a: 'changed' })

    const same = await client.upgrade(content({ a: '1', c: '3' }), {}, bounds())
    expect(same.release?.applyMethod).toBe('csa')
    expect((await find('old'))?.['data']).toEqual({ a: '1', c: '3', theirs: 'x' })

    const moved = await client.upgrade(content({ c: '4' }), { serverSideApply: 'enabled' }, bounds())
    expect(moved.release?.applyMethod).toBe('ssa')
    expect((await find('old'))?.['data']).toEqual({ c: '4', theirs: 'x' })
    expect(managersOf(await find('old'))).toEqual(['helm-controller Apply f:c', 'someone Update f:theirs'])
  })

  test('are replaced when that is asked for', async () => {
    const client = lab.client({ name: 'replaced' })
    await client.install(content({ a: '1' }), { serverSideApply: false }, bounds())
    await patch('replaced', { theirs: 'x' })
    await client.upgrade(content({ a: '2' }), { force: true }, bounds())
    expect((await find('replaced'))?.['data']).toEqual({ a: '2' })
  })

  test('go when they are no longer wanted, unless they say otherwise', async () => {
    const keep = ', annotations: {helm.sh/resource-policy: keep}'
    const three = labChart({
      'a.yaml': configMap('goes', '{}'),
      'b.yaml': configMap('stays', '{}', keep),
      'c.yaml': configMap('remains', '{}'),
    })
    const client = lab.client({ name: 'shrinking' })
    await client.install({ chart: three, values: labValues() }, {}, bounds())
    const one = labChart({ 'c.yaml': configMap('remains', '{}') }, '0.2.0')
    await client.upgrade({ chart: one, values: labValues() }, {}, bounds())
    expect(await find('goes')).toBeUndefined()
    expect(await find('stays')).toBeDefined()
    expect(await find('remains')).toBeDefined()
  })

  test('of kinds that the cluster has not fail before anything is recorded', async () => {
    const strange = labChart({ 'x.yaml': 'apiVersion: example.com/v1\nkind: Strange\nmetadata: {name: s}\n' })
    const client = lab.client({ name: 'strange' })
    const end = await client.install({ chart: strange, values: labValues() }, {}, bounds())
    expect(end.failure?.message).toBe(
      'unable to build kubernetes objects from release manifest: resource mapping not found for name: "s" namespace: "" from "": ' +
        'no matches for kind "Strange" in version "example.com/v1"\nensure CRDs are installed first',
    )
    expect(await client.history(lab.signal)).toEqual([])
  })

  test('that are refused leave a failed revision, and what Helm would have logged', async () => {
    const bad = labChart({ 'bad.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndate: {}\n' })
    const client = lab.client({ name: 'refused' })
    const end = await client.install({ chart: bad, values: labValues() }, {}, bounds())
    expect(end.failure?.message).toContain(
      `server-side apply failed for object ${releaseNamespace}/bad /v1, Kind=ConfigMap: `,
    )
    expect(end.release?.info).toMatchObject({ status: 'failed' })
    expect(end.logs.map((line) => line.slice(line.indexOf(': ') + 2))).toEqual([
      'creating resource(s): {"resources":1}',
      'using server-side apply for resource creation: {"dryRun":false,"fieldValidationDirective":"Strict","forceConflicts":false}',
      `Error creating resource via patch: {"error":{},"gvk":"/v1, Kind=ConfigMap","name":"bad","namespace":"${releaseNamespace}"}`,
    ])
    expect(historyText(await client.history(lab.signal))).toBe('1 failed')
    const retried = await client.upgrade(content({ a: '1' }), {}, bounds())
    expect(retried.failure).toBeUndefined()
    expect(historyText(await client.history(lab.signal))).toBe('1 superseded, 2 deployed')
  })

  test('that drift are named and put back', async () => {
    const client = lab.client({ name: 'drifting' })
    const { release } = await client.install(content({ message: 'ours', nested: 'n' }), {}, bounds())
    if (!release) throw new TypeError('there is a release')
    expect(await client.drift(release, [], lab.signal)).toEqual([])
    await patch('drifting', { message: 'drift', more: 'x' })
    const [drifted, ...others] = await client.drift(release, [], lab.signal)
    expect(others).toEqual([])
    expect(drifted).toMatchObject({
      kind: 'changed',
      added: [],
      changed: ['/data/message'],
      missing: [],
      object: { metadata: { name: 'drifting', namespace: releaseNamespace } },
    })
    const ignored = [{ paths: ['/data/message'], target: { kind: 'ConfigMap' } }]
    expect(await client.drift(release, ignored, lab.signal)).toEqual([])
    const correction = await client.correct(drifted ? [drifted] : [], lab.signal)
    expect(correction.failures).toEqual([])
    expect(managersOf(await find('drifting'))).toEqual([
      'helm-controller Apply f:nested',
      'helm-controller Update f:message',
      'someone Update f:more',
    ])
    expect(await client.drift(release, [], lab.signal)).toEqual([])
  })

  test('that are missing are made again', async () => {
    const client = lab.client({ name: 'missing' })
    const { release } = await client.install(content({ a: '1' }), {}, bounds())
    if (!release) throw new TypeError('there is a release')
    const resource = await lab.cluster.resourceFor('v1', 'ConfigMap', { signal: lab.signal })
    const key = { namespace: releaseNamespace, name: 'missing' }
    await lab.cluster.delete(resource, key, { signal: lab.signal })
    const drifted = await client.drift(release, [], lab.signal)
    expect(drifted.map(({ kind }) => kind)).toEqual(['removed'])
    await client.correct(drifted, lab.signal)
    expect((await find('missing'))?.['data']).toEqual({ a: '1' })
  })
})
