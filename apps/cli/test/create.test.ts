import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliWorld } from './run-cli.ts'

/** The specification that `--export` prints, as lines. */
const specs: readonly (readonly [command: string, spec: string])[] = [
  [
    'source git app --url=ssh://git@x/y --tag-semver=>=1.0.0 --recurse-submodules --ignore-paths=a,b',
    "ignore: |-\n    a\n    b\n  interval: 1m0s\n  recurseSubmodules: true\n  ref:\n    semver: '>=1.0.0'\n  url: ssh://git@x/y",
  ],
  [
    'source git app --url=https://x/y --commit=abc --branch=main --secret-ref=s --fetch-timeout=90s',
    'interval: 1m0s\n  ref:\n    branch: main\n    commit: abc\n  secretRef:\n    name: s\n  timeout: 1m30s\n  url: https://x/y',
  ],
  [
    'source oci app --url=oci://x/y --tag=1 --layer-selector=a/b+c:copy',
    'interval: 1m0s\n  layerSelector:\n    mediaType: a/b+c\n    operation: copy\n  provider: generic\n  ref:\n    tag: "1"\n  url: oci://x/y',
  ],
  ['source helm app --url=oci://x/y --interval=1h', 'interval: 1h0m0s\n  type: oci\n  url: oci://x/y'],
  [
    'source bucket app --bucket-name=b --endpoint=x:9000 --insecure --region=r',
    'bucketName: b\n  endpoint: x:9000\n  insecure: true\n  interval: 1m0s\n  provider: generic\n  region: r',
  ],
  [
    'ks app --source=ocirepository/app.apps --path=./x --depends-on=one,ns/two --health-check=Deployment/web.apps',
    'dependsOn:\n  - name: one\n  - name: two\n    namespace: ns\n  healthChecks:\n  - kind: Deployment\n    name: web\n    namespace: apps\n' +
      '  interval: 1m0s\n  path: ./x\n  prune: false\n  sourceRef:\n    kind: OCIRepository\n    name: app\n    namespace: apps\n  timeout: 2m0s',
  ],
  [
    'hr app --chart-ref=OCIRepository/app.apps --target-namespace=t --crds=CreateReplace --values-from=secret/v',
    'chartRef:\n    kind: OCIRepository\n    name: app\n    namespace: apps\n  install:\n    crds: Create\n  interval: 1m0s\n' +
      '  storageNamespace: t\n  targetNamespace: t\n  upgrade:\n    crds: CreateReplace\n  valuesFrom:\n  - kind: Secret\n    name: v',
  ],
  [
    'image policy app --image-ref=app --select-numeric=asc --filter-regex=^v(?P<n>\\d+)$ --filter-extract=$n',
    'filterTags:\n    extract: $n\n    pattern: ^v(?P<n>\\d+)$\n  imageRepositoryRef:\n    name: app\n  policy:\n    numerical:\n      order: asc',
  ],
  [
    'alert app --provider-ref=p --event-severity=info --event-source=Kustomization/*,GitRepository/a.b',
    "eventSeverity: info\n  eventSources:\n  - kind: Kustomization\n    name: '*'\n  - kind: GitRepository\n    name: a\n    namespace: b\n  providerRef:\n    name: p",
  ],
  [
    'receiver app --type=github --event=push,ping --secret-ref=t --resource=GitRepository/app',
    'events:\n  - push\n  - ping\n  resources:\n  - kind: GitRepository\n    name: app\n  secretRef:\n    name: t\n  type: github',
  ],
]

test('create --export prints manifests and needs no cluster', async () => {
  await using world = await cliWorld({
    connect: () => Promise.reject(new Error('there is no cluster')),
  })
  for (const [command, spec] of specs) {
    const { stdout, stderr } = await world.run('create', ...command.split(' '), '--export')
    const printed = stdout.slice(stdout.indexOf('spec:\n'))
    expect({ command, stderr, printed }).toEqual({ command, stderr: '', printed: `spec:\n  ${spec}\n` })
  }
})

// What the tutorial of Flux 2.1 shows, but for what its author edited by hand.
const tutorial: readonly (readonly [args: readonly string[], text: string])[] = [
  [
    ['repository', 'k8s-demo', '--image=docker.io/cnych/devops-demo', '--interval=30s'],
    `kind: ImageRepository
metadata:
  name: k8s-demo
  namespace: default
spec:
  image: docker.io/cnych/devops-demo
  interval: 30s
`,
  ],
  [
    [
      'policy',
      'k8s-demo',
      '--image-ref=k8s-demo',
      '--select-numeric=asc',
      '--filter-regex=^main-[a-fA-F0-9]+-(?P<ts>.*)',
      '--filter-extract=$ts',
    ],
    `kind: ImagePolicy
metadata:
  name: k8s-demo
  namespace: default
spec:
  filterTags:
    extract: $ts
    pattern: ^main-[a-fA-F0-9]+-(?P<ts>.*)
  imageRepositoryRef:
    name: k8s-demo
  policy:
    numerical:
      order: asc
`,
  ],
  [
    [
      'update',
      'k8s-demo',
      '--interval=1m',
      '--git-repo-ref=k8s-demo',
      '--git-repo-path=./helm/my-values.yaml',
      '--checkout-branch=main',
      '--push-branch=main',
      '--author-name=fluxcdbot',
      '--author-email=fluxcdbot@youdianzhishi.com',
      '--commit-template={{range .Updated.Images}}{{println .}}{{end}}',
    ],
    `kind: ImageUpdateAutomation
metadata:
  name: k8s-demo
  namespace: default
spec:
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        email: fluxcdbot@youdianzhishi.com
        name: fluxcdbot
      messageTemplate: '{{range .Updated.Images}}{{println .}}{{end}}'
    push:
      branch: main
  interval: 1m0s
  sourceRef:
    kind: GitRepository
    name: k8s-demo
  update:
    path: ./helm/my-values.yaml
    strategy: Setters
`,
  ],
]

test.for(['v1', 'v1beta2', 'v1beta1'])('create image … --export in %s', async (version) => {
  await using world = await cliWorld()
  const era = version === 'v1' ? [] : [`--api-version=${version}`]
  for (const [args, text] of tutorial) {
    const run = await world.run('create', 'image', ...args, '-n', 'default', ...era, '--export')
    const stdout = `---\napiVersion: image.toolkit.fluxcd.io/${version}\n${text}`
    expect(run).toEqual({ exitCode: 0, stderr: '', stdout })
  }
})

const refusals: readonly (readonly [command: string, message: string])[] = [
  ['source git app', 'url is required'],
  ['source git app --url=ftp://x', "git URL scheme 'ftp' not supported, can be: ssh, http and https"],
  ['source oci app --url=oci://x', '--tag, --tag-semver or --digest is required'],
  ['source helm app --url=git://x', "url scheme 'git' not supported, can be: http, https and oci"],
  ['ks app --source=app --path=x', 'path must begin with ./'],
  [
    'ks app --source=Pod/app',
    "source kind 'Pod' is not supported, must be one of: OCIRepository, GitRepository, Bucket, ExternalArtifact",
  ],
  ['hr app', 'chart or chart-ref is required'],
  [
    'image policy app --image-ref=a --select-semver=1 --filter-regex=(?P<n>a) --filter-extract=$m',
    'capture group $m used in --filter-extract not found in --filter-regex',
  ],
  [
    'alert app --provider-ref=p --event-source=x',
    "invalid event source 'x', must be in format <kind>/<name>",
  ],
  ['alert App --provider-ref=p', ''],
  [
    'secret git app --url=https://x',
    'for Git over HTTP/S the username and password, or a bearer token is required',
  ],
  [
    'secret git app --url=ssh://git@127.0.0.1:1/x',
    "SSH key scan for host '127.0.0.1' failed: connect ECONNREFUSED 127.0.0.1:1",
  ],
  [
    'secret git app --url=ssh://git@x/y --ssh-key-algorithm=rsa --ssh-rsa-bits=1001',
    'RSA keys have from 1024 to 16384 bits, in steps of 8; not 1001',
  ],
  ['secret githubapp app --app-installation-id=2', '--app-id is required'],
  [
    'secret githubapp app --app-id=1 --app-installation-id=2 --app-installation-owner=o',
    'either --app-installation-owner or --app-installation-id is required',
  ],
  [
    'image repository app --image=x --api-version=v2',
    'ImageRepository has no version v2, must be one of v1, v1beta2, v1beta1',
  ],
  ['alert app --label=x', "invalid label format 'x', must be key=value"],
]

test('create refuses what does not go together', async () => {
  await using world = await cliWorld()
  for (const [command, message] of refusals) {
    const { exitCode, stdout, stderr } = await world.run('create', ...command.split(' '), '--export')
    const want =
      message ||
      "name 'App' is invalid, it should adhere to standard defined in RFC 1123, the name can only contain alphanumeric characters or '-'"
    expect({ command, exitCode, stdout, stderr }).toEqual({
      command,
      exitCode: 1,
      stdout: '',
      stderr: `✗ ${want}\n`,
    })
  }
})

test('create applies, then updates', async () => {
  await using world = await cliWorld()
  const args = ['create', 'alert', 'app', '--provider-ref=p', '--event-source=Kustomization/*', '--label=a=b']
  expect((await world.run(...args)).stderr).toBe(alertLines('created'))
  expect((await world.run(...args, '--event-severity=error')).stderr).toBe(alertLines('updated'))
  const alert = await world.get('notification.toolkit.fluxcd.io/v1beta3', 'Alert', 'app')
  expect(alert).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { eventSeverity: 'error' } })
})

test('secrets are printed as Flux prints them, and applied', async () => {
  await using world = await cliWorld()
  const basic = ['-u', 'user', '-p', 'word']
  expect((await world.run('create', 'secret', 'helm', 'app', ...basic, '--export')).stdout).toBe(
    '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  namespace: flux-system\nstringData:\n' +
      '  password: word\n  username: user\ntype: kubernetes.io/basic-auth\n\n',
  )
  const oci = await world.run('create', 'secret', 'oci', 'app', '--url=ghcr.io', ...basic, '--export')
  expect(oci.stdout).toContain('"auth": "dXNlcjp3b3Jk"')
  const git = await world.run('create', 'secret', 'git', 'app', '--url=https://x', ...basic)
  expect(git.stderr).toBe("► git secret 'app' created in 'flux-system' namespace\n")
  expect(await world.get('v1', 'Secret', 'app')).toMatchObject({ data: { username: 'dXNlcg==' } })
})

test('a Secret of a GitHub App holds the key that a file has', async () => {
  await using world = await cliWorld()
  const directory = mkdtempSync(join(tmpdir(), 'sluice-app-'))
  try {
    const key = join(directory, 'key.pem')
    writeFileSync(key, 'PEM')
    const app = ['--app-id=1', '--app-installation-id=2', `--app-private-key=${key}`]
    expect((await world.run('create', 'secret', 'githubapp', 'app', ...app, '--export')).stdout).toBe(
      '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  namespace: flux-system\nstringData:\n' +
        '  githubAppID: "1"\n  githubAppInstallationID: "2"\n  githubAppPrivateKey: PEM\ntype: Opaque\n\n',
    )
    const none = await world.run('create', 'secret', 'githubapp', 'app', ...app, '--app-private-key=/none')
    expect(none.stderr).toContain('unable to read private key file')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a tenant is a namespace with an account that may reconcile there', async () => {
  await using world = await cliWorld()
  const args = ['create', 'tenant', 'dev', '--with-namespace=apps,more']
  const lines = ['apps', 'more'].flatMap((namespace) => [
    `► applying namespace ${namespace}`,
    '► applying service account dev',
    '► applying role binding dev-reconciler',
  ])
  const want = `${[...lines, '✔ tenant setup completed'].join('\n')}\n`
  expect((await world.run(...args)).stderr).toBe(want)
  expect((await world.run(...args, '--cluster-role=edit')).stderr).toBe(want)
})

function alertLines(outcome: string): string {
  return `✚ generating Alert\n► applying Alert\n✔ Alert ${outcome}\n◎ waiting for Alert reconciliation\n✔ Alert app is ready\n`
}
