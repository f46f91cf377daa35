import { recordingLogger } from '@sluice/ports/testing'
import { expect, test } from 'vitest'
import { startLab } from '../src/lab/lab.ts'

// Made for this test alone.
const identity = 'AGE-SECRET-KEY-1WF098U9QHHMSELHZHF9AU4K4HXY30PJJ3QGH95HY8GMHY0SACLHSGKLTDR'
const encrypted = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'lab' },
  stringData: {
    password:
      'ENC[AES256_GCM,data:Qt2IcWnr0qTyW7AdsQ==,iv:CnCt1oGq8yz5zFGA5ui6IZ32rbP94O0jd/FtGd7dBSY=,tag:JKDQ4YFH09B8acXShk9C4A==,type:str]',
  },
  sops: {
    age: [
      {
        recipient: 'age1f6h2ehfvytdwkwvauqak6guydp2fyrgwpz0j9mewcpzd5az03cxqkmzzm3',
        enc: '-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBWYWtibnpndlZXNm9jQmp0\nRUQ2bXYwU093NFpIbTFWUjVLL3R1amh3dHpzClRoM2twUHJRcFdmSit4UUNQYnor\nWWFaY1pNVjAwYzVsUmUrSHV6YVMrRlUKLS0tIHBkU3R6S2c5M0pNd21zb3h5QmUy\nN0ZKZyt0bWh0MDBLdjMrdk1PMWlKZ00K8yTHFKE83xTxQrh5OMc+wZU/zeWpGtKo\nNK6Y/9IuNnRXC520xWUktmX/Y7uIJeY7KmWVPSmU7nW6e1B0RBCE+A==\n-----END AGE ENCRYPTED FILE-----\n',
      },
    ],
    encrypted_regex: '^(data|stringData)$',
    lastmodified: '2026-01-02T03:04:05Z',
    mac: 'ENC[AES256_GCM,data:ZKlYlLz7rh/V5UBKT/FFEC7C8kkeNSZgNq1GipirGIshH071mJ9VOT+Z2tzsknvaS2ml/vgiRy1gMWwKIqRZ4aHEe5UMS/E9fVqOeZOXKBpis1sNojRMlrClKcihT6jQA3+XHpnSMqkHwJSA5Tsj8IbLAMcLc1/gx323vpsLs/8=,iv:Dvj5t7SXKYE/GAuon8QBzTB1hf9IA2DTUguRGyJeM20=,tag:aC7KKPNBb9QiXHLOIBuE/w==,type:str]',
    version: '3.13.0',
  },
})
const password = 'correct horse'

function kustomization(name: string, spec: string, source = '{kind: GitRepository, name: app}'): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: lab}
spec:
  interval: 10m
  prune: true
  sourceRef: ${source}
${spec}`
}

type Conditions = {
  readonly conditions?: readonly {
    readonly type: string
    readonly message: string
    readonly reason: string
  }[]
}

const readyOf = (object: { readonly status?: Conditions }) =>
  object.status?.conditions?.find(({ type }) => type === 'Ready')

test('tells a decrypted value to nobody but the cluster', async () => {
  await using lab = await startLab()
  const log = recordingLogger()
  lab.startController({ log })
  const revision = await lab.publish({
    'app/secret.yaml': encrypted,
    'broken/secret.yaml': encrypted
      .replace('horse', 'horse')
      .replace('"stringData"', '"immutable":"no","stringData"'),
  })
  await lab.create(
    `apiVersion: v1\nkind: Secret\nmetadata: {name: keys, namespace: lab}\nstringData: {a.agekey: ${identity}}\n`,
  )
  const decryption = '  decryption: {provider: sops, secretRef: {name: keys}}\n'
  await lab.create(kustomization('app', `  path: ./app\n${decryption}`))
  await lab.create(kustomization('broken', `  path: ./broken\n${decryption}`))
  await lab.create(
    kustomization('planned', `  path: ./app\n${decryption}`).replace(
      'namespace: lab}',
      'namespace: lab, annotations: {toolkit.sluice.dev/plan: enabled}}',
    ),
  )
  await lab.applied('app', revision)
  await lab.until('planned', (object) => readyOf(object)?.reason === 'Planned')
  await lab.until('broken', (object) => readyOf(object)?.reason === 'BuildFailed')
  const secrets = await lab.list('v1', 'Secret')
  const { data } = secrets.find(({ metadata }) => metadata.name === 's') as unknown as {
    readonly data: { readonly password: string }
  }
  expect(Buffer.from(data.password, 'base64').toString()).toBe(password)
  const told = JSON.stringify([
    await lab.list('v1', 'Event'),
    await lab.list('kustomize.toolkit.fluxcd.io/v1', 'Kustomization'),
    log.lines,
  ])
  expect(told).not.toContain(password)
  expect(told).not.toContain(data.password)
  expect(told).not.toContain(identity)
})

test('reads no source of another namespace when that is forbidden', async () => {
  await using lab = await startLab()
  lab.startController({ options: { noCrossNamespaceRefs: true } })
  await lab.create(kustomization('app', '', '{kind: GitRepository, name: app, namespace: default}'))
  const app = await lab.until('app', (object) => readyOf(object)?.reason === 'AccessDenied')
  expect(readyOf(app)?.message).toBe(
    "can't access 'GitRepository/default/app', cross-namespace references have been blocked",
  )
})

test.each(['../../outside', '/outside', './inside/../../outside'])(
  'keeps the path %s inside of the source',
  async (path) => {
    await using lab = await startLab()
    lab.startController()
    const revision = await lab.publish({
      'outside/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: out, namespace: lab}\n',
    })
    await lab.create(kustomization('app', `  path: ${path}\n`))
    const { status } = await lab.applied('app', revision)
    expect(status?.inventory?.entries).toEqual([{ id: 'lab_out__ConfigMap', v: 'v1' }])
  },
)

test('applies to the cluster of a kubeconfig and prunes there', async () => {
  await using lab = await startLab()
  await using remote = await startLab()
  lab.startController({
    connect: async (kubeconfig) => {
      expect(kubeconfig).toBe('the config')
      return remote.cluster
    },
  })
  await lab.create(
    `apiVersion: v1\nkind: Secret\nmetadata: {name: remote, namespace: lab}\nstringData: {value: the config}\n`,
  )
  const revision = await lab.publish({
    'app/all.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there, namespace: lab}\n',
  })
  await lab.create(kustomization('app', '  path: ./app\n  kubeConfig: {secretRef: {name: remote}}\n'))
  await lab.applied('app', revision)
  const names = async (at: typeof lab) =>
    (await at.list('v1', 'ConfigMap')).map(({ metadata }) => metadata.name)
  expect(await names(lab)).not.toContain('there')
  expect(await names(remote)).toContain('there')
  await lab.remove('app')
  expect(await names(remote)).not.toContain('there')
})
