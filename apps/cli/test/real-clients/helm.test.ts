import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInstalled, type LiveCluster, liveCluster } from './live-cluster.ts'

const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: "7"\n',
  'values.yaml': 'replicas: 1\nimage: nginx\n',
  'crds/things.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: things, singular: thing, kind: Thing, listKind: ThingList }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { size: { type: integer, minimum: 1 } } } }
`,
  'templates/shop.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}, labels: { app: shop } }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: c, image: {{ .Values.image }} }] }
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { selector: { app: shop }, ports: [{ port: 80 }] }
---
apiVersion: example.com/v1
kind: Thing
metadata: { name: {{ .Release.Name }} }
spec: { size: {{ .Values.replicas }} }
`,
  'templates/hooks.yaml': `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-prepare
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: busybox }] } } }
---
apiVersion: v1
kind: Pod
metadata: { name: {{ .Release.Name }}-test, annotations: { helm.sh/hook: test } }
spec: { restartPolicy: Never, containers: [{ name: c, image: busybox }] }
`,
}

// Skipped where there is no helm.
describe.skipIf(!isInstalled('helm') || !isInstalled('kubectl'))('helm against a cluster with a node', () => {
  let live: LiveCluster
  beforeAll(async () => {
    live = await liveCluster()
    await Promise.all(Object.entries(chart).map(([name, text]) => live.file(`shop/${name}`, text)))
  })
  afterAll(() => live[Symbol.asyncDispose]())

  const helm = (...words: readonly string[]): Promise<string> => live.call('helm', ...words)
  const get = (what: string, path: string): Promise<string> =>
    live.call('kubectl', 'get', what, '-o', `jsonpath={${path}}`)
  const waits = ['--wait', '--timeout', '40s']

  test('installs, upgrades, tests, rolls back and uninstalls', async () => {
    expect(await helm('install', 'shop', './shop', ...waits)).toMatch(
      /STATUS: deployed\n(.*\n)*REVISION: 1\n/,
    )
    expect(await get('deploy/shop', '.status.readyReplicas')).toBe('1')
    expect(await get('job/shop-prepare', '.status.succeeded')).toBe('1')
    expect(await helm('upgrade', 'shop', './shop', '--set', 'replicas=3', ...waits)).toContain(
      'REVISION: 2\n',
    )
    expect(await get('deploy/shop', '.status.readyReplicas')).toBe('3')
    expect(await get('thing/shop', '.spec.size')).toBe('3')
    expect(await helm('test', 'shop', '--timeout', '40s')).toMatch(
      /TEST SUITE: +shop-test\n(.*\n)*Phase: +Succeeded\n/,
    )
    expect(await helm('upgrade', 'shop', './shop', '--set', 'replicas=0')).toMatch(
      /Thing.*spec\.size: Invalid value: 0: spec\.size in body should be greater than or equal to 1/s,
    )
    expect(await helm('rollback', 'shop', '1', ...waits)).toContain('Rollback was a success')
    expect(await get('deploy/shop', '.spec.replicas')).toBe('1')
    expect(await helm('history', 'shop', '-o', 'json')).toMatch(
      /"revision":1,.*"status":"superseded".*"revision":3,.*"status":"failed".*"revision":4,.*"status":"deployed"/,
    )
    expect(await helm('list', '-q')).toBe('shop\n')
    expect(await helm('get', 'manifest', 'shop')).toContain('replicas: 1')
    expect(await helm('uninstall', 'shop', ...waits)).toContain('release "shop" uninstalled')
    expect(await helm('list', '-q')).toBe('')
    expect(await live.call('kubectl', 'get', 'deploy,svc,things', '-l', 'app=shop', '-o', 'name')).toBe('')
  })
})
