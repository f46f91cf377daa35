import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-create-'))
  const files = ['ca.crt', 'tls.crt', 'tls.key'].map((name) => join(directory, name))
  for (const file of files) writeFileSync(file, '{}')
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Every flag of the sources in one of its forms, and the specification that `--export` prints. */
const sources: readonly (readonly [command: string, kind: string, spec: string])[] = [
  [
    'git app --url=https://x/y --ref-name=refs/heads/a --proxy-secret-ref=p --sparse-checkout-paths=a,b --provider=azure --secret-ref=s',
    'GitRepository',
    'interval: 1m0s\n  provider: azure\n  proxySecretRef:\n    name: p\n  ref:\n    name: refs/heads/a\n  secretRef:\n    name: s\n  sparseCheckout:\n  - a\n  - b\n  url: https://x/y',
  ],
  [
    'git app --url=https://x/y --tag=v1 -u me -p word --ca-file=DIR/ca.crt --silent',
    'GitRepository',
    'interval: 1m0s\n  ref:\n    tag: v1\n  url: https://x/y',
  ],
  [
    'git app --url=ssh://git@x/y --branch=main --private-key-file=DIR/tls.key --ssh-key-algorithm=rsa --ssh-rsa-bits=3072 --ssh-ecdsa-curve=p256 --ignore-paths=a --secret-ref=s',
    'GitRepository',
    'ignore: a\n  interval: 1m0s\n  ref:\n    branch: main\n  secretRef:\n    name: s\n  url: ssh://git@x/y',
  ],
  [
    'helm app --url=https://x/y --secret-ref=s --pass-credentials --fetch-timeout=90s',
    'HelmRepository',
    'interval: 1m0s\n  passCredentials: true\n  secretRef:\n    name: s\n  timeout: 1m30s\n  url: https://x/y',
  ],
  [
    'helm app --url=https://x/y -u me -p word --cert-file=DIR/tls.crt --key-file=DIR/tls.key --ca-file=DIR/ca.crt',
    'HelmRepository',
    'interval: 1m0s\n  url: https://x/y',
  ],
  [
    'helm app --url=oci://x/y --oci-provider=aws --interval=10m',
    'HelmRepository',
    'interval: 10m0s\n  provider: aws\n  type: oci\n  url: oci://x/y',
  ],
  [
    'bucket app --bucket-name=b --endpoint=e --provider=aws --region=r --access-key=a --secret-key=s --proxy-secret-ref=p --ignore-paths=a,b',
    'Bucket',
    'bucketName: b\n  endpoint: e\n  ignore: |-\n    a\n    b\n  interval: 1m0s\n  provider: aws\n  proxySecretRef:\n    name: p\n  region: r',
  ],
  [
    'oci app --url=oci://x/y --digest=sha256:aa --tag-semver=1.x --secret-ref=s --proxy-secret-ref=p --service-account=sa --cert-ref=c --insecure --provider=aws --fetch-timeout=10s',
    'OCIRepository',
    'certSecretRef:\n    name: c\n  insecure: true\n  interval: 1m0s\n  provider: aws\n  proxySecretRef:\n    name: p\n  ref:\n    digest: sha256:aa\n    semver: 1.x\n  secretRef:\n    name: s\n  serviceAccountName: sa\n  timeout: 10s\n  url: oci://x/y',
  ],
  [
    'oci app --url=oci://x/y --tag=1 --ignore-paths=a --verify-provider=cosign --verify-secret-ref=k --verify-subject=a --verify-issuer=b',
    'OCIRepository',
    'ignore: a\n  interval: 1m0s\n  provider: generic\n  ref:\n    tag: "1"\n  url: oci://x/y\n  verify:\n    matchOIDCIdentity:\n    - issuer: b\n      subject: a\n    provider: cosign\n    secretRef:\n      name: k',
  ],
  [
    'chart app --source=helmrepository/pod.info --chart=podinfo --chart-version=6.x --verify-provider=cosign --verify-secret-ref=k',
    'HelmChart',
    'chart: podinfo\n  interval: 1m0s\n  reconcileStrategy: ChartVersion\n  sourceRef:\n    kind: HelmRepository\n    name: pod.info\n  verify:\n    provider: cosign\n    secretRef:\n      name: k\n  version: 6.x',
  ],
  [
    'chart app --source=Bucket/b --chart=./x --reconcile-strategy=Revision',
    'HelmChart',
    'chart: ./x\n  interval: 1m0s\n  reconcileStrategy: Revision\n  sourceRef:\n    kind: Bucket\n    name: b',
  ],
]

test('create source takes every flag and prints what Flux prints', async () => {
  await using world = await cliWorld()
  for (const [command, kind, spec] of sources) {
    const args = command.replaceAll('DIR', directory).split(' ')
    const run = await world.run('create', 'source', ...args, '--label=team=a', '-n', 'apps', '--export')
    const stdout = `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata:\n  labels:\n    team: a\n  name: app\n  namespace: apps\nspec:\n  ${spec}\n`
    expect({ command, ...run }).toEqual({ command, exitCode: 0, stderr: '', stdout })
  }
})

/** Secrets: what stands between name and end, sorted as Go prints it. */
const secrets: readonly (readonly [command: string, rest: string])[] = [
  [
    'git app --url=https://x/y -u me -p word --ca-crt-file=DIR/ca.crt',
    "stringData:\n  ca.crt: '{}'\n  password: word\n  username: me\n\n",
  ],
  ['git app --url=https://x/y --bearer-token=t', 'stringData:\n  bearerToken: t\n\n'],
  [
    'helm app --tls-crt-file=DIR/tls.crt --tls-key-file=DIR/tls.key --ca-crt-file=DIR/ca.crt',
    "stringData:\n  ca.crt: '{}'\n  tls.crt: '{}'\n  tls.key: '{}'\ntype: kubernetes.io/tls\n\n",
  ],
  ['tls app --ca-crt-file=DIR/ca.crt', "stringData:\n  ca.crt: '{}'\ntype: Opaque\n"],
  [
    'proxy app --address=https://p -u me -p word',
    'stringData:\n  address: https://p\n  password: word\n  username: me\ntype: Opaque\n\n',
  ],
  ['receiver app --type=github --hostname=flux.example.com --token=t', 'stringData:\n  token: t\n\n'],
  [
    'receiver app --type=gcr --hostname=flux.example.com --token=t --email-claim=e@x --audience-claim=a',
    'stringData:\n  audience: a\n  email: e@x\n  token: t\n\n',
  ],
]

test('create secret takes every flag and prints what Flux prints', async () => {
  await using world = await cliWorld()
  for (const [command, rest] of secrets) {
    const args = command.replaceAll('DIR', directory).split(' ')
    const { stdout, stderr } = await world.run('create', 'secret', ...args, '--export')
    const isReceiver = command.startsWith('receiver')
    const webhook = isReceiver
      ? '  annotations:\n    notification.toolkit.fluxcd.io/webhook: https://flux.example.com/hook/467d75b175337779325d4c2ffc4bc0006d64058bbc3046464f843826e961a1e5\n'
      : ''
    const start = `---\napiVersion: v1\nkind: Secret\nmetadata:\n${webhook}  name: app\n  namespace: flux-system\n`
    expect({ command, stderr, stdout }).toEqual({ command, stderr: '', stdout: start + rest })
  }
})

test.for([
  ['source chart app --chart=x', 'chart source is required'],
  ['source chart app --source=GitRepository/x', 'chart name or path is required'],
  ['source chart app --source=x --chart=y', "invalid helm chart source 'x', must be in format <kind>/<name>"],
  [
    'source chart app --source=OCIRepository/x --chart=y',
    "source kind 'OCIRepository' is not supported, must be one of: HelmRepository, GitRepository, Bucket",
  ],
  [
    'source chart app --source=Bucket/x --chart=y --verify-secret-ref=k',
    'a verification provider must be specified when a secret is specified',
  ],
  ['source bucket app --endpoint=e', 'bucket-name is required'],
  ['source bucket app --bucket-name=b', 'endpoint is required'],
  ['secret receiver app --hostname=x', '--type is required'],
  ['secret receiver app --type=github', '--hostname is required'],
  ['secret receiver app --type=gcr --hostname=x', '--email-claim is required for gcr receiver type'],
  [
    'secret receiver app --type=other --hostname=x',
    "receiver type 'other' is not supported, must be one of: generic, generic-hmac, github, gitlab, bitbucket, harbor, dockerhub, quay, gcr, nexus, acr, cdevents",
  ],
] as const)('create %s is refused', async ([command, message]) => {
  await using world = await cliWorld()
  const run = await world.run('create', ...command.split(' '), '--export')
  expect(run).toEqual({ exitCode: 1, stdout: '', stderr: `✗ ${message}\n` })
})

test('export --with-credentials prints the Secret after its source', async () => {
  await using world = await cliWorld()
  const metadata = { name: 'app', namespace: 'flux-system' }
  await world.put({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata,
    spec: { interval: '1m', url: 'https://x/y', secretRef: { name: 'app' } },
  })
  const source =
    '---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata:\n  name: app\n  namespace: flux-system\n' +
    'spec:\n  interval: 1m0s\n  provider: generic\n  secretRef:\n    name: app\n  url: https://x/y\n'
  const missing = await world.run('export', 'source', 'helm', 'app', '--with-credentials')
  expect(missing).toEqual({
    exitCode: 1,
    stdout: source,
    stderr: '✗ failed to retrieve secret app, error: secrets "app" not found\n',
  })
  await world.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: { username: 'bWU=' }, type: 'Opaque' })
  expect((await world.run('export', 'source', 'helm', 'app')).stdout).toBe(source)
  expect((await world.run('export', 'source', 'helm', '--all', '--with-credentials')).stdout).toBe(
    `${source}---\napiVersion: v1\ndata:\n  username: bWU=\nkind: Secret\nmetadata:\n  name: app\n  namespace: flux-system\ntype: Opaque\n`,
  )
})
