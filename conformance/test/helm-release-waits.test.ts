import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  historyText,
  labChart,
  labValues,
  type ReleaseLab,
  releaseNamespace,
  startReleaseLab,
} from '../src/lab/release-lab.ts'

const pod = (name: string, annotations: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, annotations: {${annotations}}}
spec: {containers: [{name: c, image: i}]}
`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}
`
const job = `apiVersion: batch/v1
kind: Job
metadata: {name: "{{ .Release.Name }}"}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}
`
const available = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [
    { type: 'Available', status: 'True' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ],
}

const definition = (description: string): string => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, description: ${description}}}}]
`

describe('waiting for a release', () => {
  let lab: ReleaseLab

  beforeAll(async () => {
    lab = await startReleaseLab()
    // Pods do at once what their annotation says.
    void lab.play('v1', 'Pod', ({ metadata }) => {
      const phase = metadata.annotations?.['lab/phase']
      return phase === undefined ? undefined : { phase }
    })
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
  })

  const bounds = (timeoutMs = 20_000) => ({ timeoutMs, signal: lab.signal })
  const uidOf = async (kind: string, name: string) =>
    (await lab.find(kind === 'Job' ? 'batch/v1' : 'v1', kind, name))?.metadata.uid

  test('ends early on a set whose pods fail for good', async () => {
    await lab.create(`apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: ${releaseNamespace}, labels: {app: db}}
spec: {containers: [{name: db, image: db}]}
`)
    const crashing = { name: 'db', ready: false, restartCount: 3, image: 'db', imageID: '' }
    const state = { waiting: { reason: 'CrashLoopBackOff' } }
    const failing = await lab.find('v1', 'Pod', 'db-0')
    if (!failing) throw new TypeError('the pod is not there')
    await lab.setStatus(failing, { phase: 'Running', containerStatuses: [{ ...crashing, state }] })
    const chart = labChart({
      'set.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
`,
    })
    const { failure } = await lab
      .client({ name: 'set' })
      .install({ chart, values: labValues({}) }, {}, bounds())
    expect(failure?.message).toBe(
      `failed early due to stalled resources: [StatefulSet/${releaseNamespace}/db status: 'Failed']`,
    )
  })

  test('ends when all of it is ready', async () => {
    const client = lab.client({ name: 'ready' })
    const installing = client.install(
      { chart: labChart({ 'd.yaml': deployment }), values: labValues() },
      {},
      bounds(3_600_000),
    )
    for (;;) {
      const made = await lab.find('apps/v1', 'Deployment', 'ready')
      if (made) {
        await lab.setStatus(made, available)
        break
      }
      await lab.clock.sleep(1_000)
    }
    expect((await installing).release?.info.status).toBe('deployed')
  })

  test('fails in the words that Flux has for it', async () => {
    const what = { chart: labChart({ 'd.yaml': deployment }), values: labValues() }
    const client = lab.client({ name: 'never' })
    const { failure, release } = await client.install(what, {}, bounds(2_000))
    expect(failure?.message).toBe(
      `timeout waiting for: [Deployment/${releaseNamespace}/never status: 'InProgress']`,
    )
    expect(release?.info).toMatchObject({
      status: 'failed',
      description: `Release "never" failed: ${failure?.message}`,
    })
    const unwaited = await client.upgrade(what, { disableWait: true }, bounds(2_000))
    expect(unwaited.failure).toBeUndefined()
    const legacy = lab.client({ name: 'never', behaviour: { waitStrategy: 'legacy' } })
    const again = await legacy.upgrade(what, {}, bounds(2_000))
    expect(again.failure?.message).toBe('context deadline exceeded')
    expect(historyText(await client.history(lab.signal))).toBe('1 superseded, 2 deployed, 3 failed')
  })

  test('takes a Job to its end only when asked to', async () => {
    const what = { chart: labChart({ 'j.yaml': job }), values: labValues() }
    const started = { startTime: '2026-01-01T00:00:00Z', active: 1 }
    void lab.play('batch/v1', 'Job', () => started)
    const quick = await lab.client({ name: 'quick' }).install(what, { disableWaitForJobs: true }, bounds())
    expect(quick.failure).toBeUndefined()
    const { failure } = await lab.client({ name: 'long' }).install(what, {}, bounds(2_000))
    expect(failure?.message).toBe(`timeout waiting for: [Job/${releaseNamespace}/long status: 'InProgress']`)
  })

  test('runs hooks by weight, and keeps what their policies say', async () => {
    const hook = 'helm.sh/hook: "pre-install,pre-upgrade", lab/phase: Succeeded'
    const gone = `${hook}, helm.sh/hook-delete-policy: hook-succeeded, helm.sh/hook-weight: "-5"`
    const chart = labChart({ 'kept.yaml': pod('kept', hook), 'gone.yaml': pod('gone', gone) })
    const client = lab.client({ name: 'hooked' })
    const { failure, release } = await client.install({ chart, values: labValues() }, {}, bounds())
    expect(failure).toBeUndefined()
    expect(release?.hooks.map(({ name, lastRun }) => `${name} ${lastRun.phase}`)).toEqual([
      'gone Succeeded',
      'kept Succeeded',
    ])
    const first = await uidOf('Pod', 'kept')
    expect(first).toBeDefined()
    expect(await uidOf('Pod', 'gone')).toBeUndefined()
    await client.upgrade({ chart, values: labValues() }, {}, bounds())
    const second = await uidOf('Pod', 'kept')
    expect(second).toBeDefined()
    expect(second).not.toBe(first)
    await client.upgrade({ chart, values: labValues() }, { disableHooks: true }, bounds())
    expect(await uidOf('Pod', 'kept')).toBe(second)
  })

  test.for([
    ['poller', `failed early due to stalled resources: [Pod/${releaseNamespace}/fails status: 'Failed']`],
    ['legacy', 'pod fails failed'],
  ] as const)('fails with a hook (%s)', async ([waitStrategy, message]) => {
    const chart = labChart({ 'h.yaml': pod('fails', 'helm.sh/hook: pre-install, lab/phase: Failed') })
    const client = lab.client({ name: `hook-${waitStrategy}`, behaviour: { waitStrategy } })
    const { failure, release } = await client.install({ chart, values: labValues() }, {}, bounds())
    expect(failure?.message).toBe(`failed pre-install: ${message}`)
    expect(release?.hooks[0]?.lastRun.phase).toBe('Failed')
  })

  test('runs the tests that are meant', async () => {
    const chart = labChart({
      'a.yaml': pod('good-test', 'helm.sh/hook: test, lab/phase: Succeeded'),
      'b.yaml': pod('bad-test', 'helm.sh/hook: test, lab/phase: Failed'),
    })
    const client = lab.client({ name: 'tested' })
    await client.install({ chart, values: labValues() }, {}, bounds())
    const good = await client.test({ filters: [{ name: 'bad-test', exclude: true }] }, bounds())
    expect(good.failure).toBeUndefined()
    const bad = await client.test({ filters: [{ name: 'bad-test' }] }, bounds())
    expect(bad.failure?.message).toBe(
      `failed early due to stalled resources: [Pod/${releaseNamespace}/bad-test status: 'Failed']`,
    )
    const phases = new Map(bad.release?.hooks.map(({ name, lastRun }) => [name, lastRun.phase]))
    expect(phases).toEqual(
      new Map([
        ['good-test', 'Succeeded'],
        ['bad-test', 'Failed'],
      ]),
    )
  })

  test('brings definitions, and changes them as its policy and its way of applying say', async () => {
    const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n'
    const chartWith = (text: string) => labChart({ 'crds/w.yaml': definition(text), 'w.yaml': widget })
    const described = async () =>
      JSON.stringify(
        (await lab.find('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.example.com'))?.[
          'spec'
        ],
      )
    const client = lab.client({ name: 'defining' })
    const installed = await client.install({ chart: chartWith('one'), values: labValues() }, {}, bounds())
    expect(installed.failure).toBeUndefined()
    expect(await lab.find('example.com/v1', 'Widget', 'w')).toBeDefined()
    for (const [options, wanted] of [
      [{ crds: 'Skip' }, 'one'],
      [{ crds: 'Create', serverSideApply: 'disabled' }, 'one'],
      [{ crds: 'CreateReplace', serverSideApply: 'disabled' }, 'two'],
      [{ serverSideApply: 'enabled' }, 'three'],
    ] as const) {
      const text = wanted === 'three' ? 'three' : 'two'
      // Each on what the one before it left.
      await client.upgrade({ chart: chartWith(text), values: labValues() }, options, bounds())
      expect(await described()).toContain(wanted)
    }
    await client.uninstall({}, bounds())
    const left = await lab.find('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.example.com')
    expect(left?.metadata.labels).toMatchObject({ 'helm.toolkit.fluxcd.io/name': 'defining' })
  })

  test('of what is removed ends when it is gone', async () => {
    const held = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [lab/hold]}\n`
    const client = lab.client({ name: 'leaving' })
    await client.install({ chart: labChart({ 'c.yaml': held }), values: labValues() }, {}, bounds())
    const { failure } = await client.uninstall({}, bounds(2_000))
    expect(failure?.message).toBe(
      `uninstallation completed with 1 error(s): ConfigMap/${releaseNamespace}/held termination timeout: context deadline exceeded`,
    )
  })
})
