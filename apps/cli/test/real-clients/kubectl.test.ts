import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInstalled, type LiveCluster, liveCluster } from './live-cluster.ts'

const web = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: ${image}, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`

const minutely = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: tick, namespace: default }
spec:
  schedule: "* * * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: busybox }] } } } }
`

// Skipped where there is no kubectl.
describe.skipIf(!isInstalled('kubectl'))('kubectl against a cluster with a node', () => {
  let live: LiveCluster
  beforeAll(async () => {
    live = await liveCluster()
  })
  afterAll(() => live[Symbol.asyncDispose]())

  const kubectl = (...words: readonly string[]): Promise<string> => live.call('kubectl', ...words)

  test('rolls out, back, and out again', async () => {
    await kubectl('apply', '-f', await live.file('web.yaml', web('nginx:1')))
    expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')).toMatch(
      /deployment "web" successfully rolled out\n$/,
    )
    expect(await kubectl('wait', '--for=condition=Available', 'deploy/web', '--timeout=30s')).toBe(
      'deployment.apps/web condition met\n',
    )
    await kubectl('apply', '-f', await live.file('web.yaml', web('nginx:2')))
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    expect(await kubectl('rollout', 'history', 'deploy/web')).toMatch(/\n1 +<none>\n2 +<none>\n/)
    expect(await kubectl('rollout', 'undo', 'deploy/web')).toBe('deployment.apps/web rolled back\n')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    const image = 'jsonpath={.spec.template.spec.containers[0].image}'
    expect(await kubectl('get', 'deploy/web', '-o', image)).toBe('nginx:1')
    expect(await kubectl('rollout', 'restart', 'deploy/web')).toBe('deployment.apps/web restarted\n')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    expect(await kubectl('edit', 'deploy/web')).toBe('deployment.apps/web edited\n')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    expect(await kubectl('get', 'deploy/web', '-o', image)).toBe('httpd:1')
  })

  test('scales, and endpoints follow', async () => {
    expect(await kubectl('scale', 'deploy/web', '--replicas=3')).toBe('deployment.apps/web scaled\n')
    expect(
      await kubectl('wait', 'deploy/web', '--for=jsonpath={.status.readyReplicas}=3', '--timeout=30s'),
    ).toBe('deployment.apps/web condition met\n')
    const addresses = 'jsonpath={range .items[*].endpoints[*]}{.addresses[0]}{" "}{end}'
    const of = ['-l', 'kubernetes.io/service-name=web', '-o', addresses]
    await expect
      .poll(async () => (await kubectl('get', 'endpointslices', ...of)).trim().split(' ').length, {
        timeout: 20_000,
      })
      .toBe(3)
    expect(await kubectl('get', 'deploy', 'web', '--no-headers')).toMatch(/^web +3\/3 +3 +3 +\d+/)
    expect(await kubectl('describe', 'svc', 'web')).toMatch(/Endpoints: +10\.[\d.]+:80,10\./)
  })

  test('runs jobs, and schedules them', async () => {
    await kubectl('create', 'job', 'once', '--image=busybox')
    expect(await kubectl('wait', '--for=condition=complete', 'job/once', '--timeout=30s')).toBe(
      'job.batch/once condition met\n',
    )
    await kubectl('apply', '-f', await live.file('cron.yaml', minutely))
    expect(await kubectl('create', 'job', 'now', '--from=cronjob/tick')).toBe('job.batch/now created\n')
    expect(await kubectl('wait', '--for=condition=complete', 'job/now', '--timeout=30s')).toBe(
      'job.batch/now condition met\n',
    )
  })

  test('deletes what belongs to an object with it, before it, or not at all', async () => {
    const names = async (kind: string): Promise<string[]> =>
      (await kubectl('get', kind, '-l', 'app=web', '-o', 'name')).split('\n').filter((it) => it !== '')
    expect(await kubectl('delete', 'deploy/web', '--cascade=orphan')).toContain('"web" deleted')
    const sets = await names('rs')
    expect(sets.length).toBeGreaterThan(0)
    expect(await names('pods')).toHaveLength(3)
    await kubectl('apply', '-f', await live.file('web.yaml', web('httpd:1')))
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    expect(await names('rs')).toEqual(expect.arrayContaining(sets))
    expect(await kubectl('delete', 'deploy/web', '--cascade=foreground', '--timeout=30s')).toContain(
      'deleted',
    )
    expect(await names('rs')).toEqual([])
    expect(await names('pods')).toEqual([])
    await kubectl('create', 'deployment', 'web', '--image=nginx')
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s')
    expect(await kubectl('delete', 'deploy/web', '--cascade=background')).toContain('deleted')
    await expect
      .poll(async () => [...(await names('rs')), ...(await names('pods'))], { timeout: 20_000 })
      .toEqual([])
  })

  test('puts nodes out of service, and what pods ask for on the record', async () => {
    expect(await kubectl('run', 'alone', '--image=nginx')).toBe('pod/alone created\n')
    expect(await kubectl('wait', '--for=condition=Ready', 'pod/alone', '--timeout=30s')).toBe(
      'pod/alone condition met\n',
    )
    expect(await kubectl('get', 'pod', 'alone', '--no-headers')).toMatch(/^alone +1\/1 +Running +0 +\d+s/)
    expect(await kubectl('get', 'pod', 'alone', '-o', 'jsonpath={.metadata.generation}')).toBe('1')
    const node = (await kubectl('get', 'nodes', '-o', 'name')).trim()
    expect(await kubectl('cordon', node)).toContain('cordoned')
    expect(await kubectl('uncordon', node)).toContain('uncordoned')
    expect(await kubectl('get', 'events', '--field-selector=involvedObject.name=alone')).toContain(
      'pod/alone',
    )
    expect(await kubectl('delete', 'pod', 'alone')).toBe('pod "alone" deleted\n')
  })
})
