import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memoryStorage } from '@sluice/apiserver'
import { closeServer, type Embedded, listenOnLoopback, startEmbedded } from '@sluice/cli'
import { gitHttpHandler } from '@sluice/git'
import { memoryRegistryStore, registryHandler } from '@sluice/oci'
import { type KubeObject, silentLogger } from '@sluice/ports'
import { formatTime } from '@sluice/toolkit'
import { parseYamlDocuments } from '@sluice/yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../src/process/sluice-process.ts'
import { storeImage } from '../src/suites/flux/servers/images.ts'

const example = fileURLToPath(
  new URL('../../examples/tutorial/repositories/k8s-demo-config', import.meta.url),
)
const image = 'cnych/devops-demo'
const readyWithinMs = 40_000

// What a person types into files who follows the tutorial, and wants releases in production besides.
const manifests = `
apiVersion: v1
kind: Namespace
metadata:
  name: production
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: k8s-demo
spec:
  url: http://gitlab.k8s.local/cnych/k8s-demo-config
  timeout: 60s
  interval: 30s
  ref:
    branch: main
  secretRef:
    name: k8s-demo
---
apiVersion: v1
stringData:
  password: s3cret
  username: cnych
kind: Secret
metadata:
  name: k8s-demo
type: Opaque
---
apiVersion: helm.toolkit.fluxcd.io/v2beta1
kind: HelmRelease
metadata:
  name: k8s-demo
  namespace: default
spec:
  interval: 30s
  chart:
    spec:
      chart: helm
      reconcileStrategy: Revision
      sourceRef:
        kind: GitRepository
        name: k8s-demo
        namespace: default
      valuesFiles:
        - helm/values.yaml
        - helm/my-values.yaml
      interval: 30s
  values:
    replicaCount: 2
---
apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImageRepository
metadata:
  name: k8s-demo
  namespace: default
spec:
  image: docker.io/cnych/devops-demo
  interval: 30s
---
apiVersion: image.toolkit.fluxcd.io/v1beta1
kind: ImagePolicy
metadata:
  name: k8s-demo
spec:
  imageRepositoryRef:
    name: k8s-demo
  filterTags:
    pattern: "^main-[a-fA-F0-9]+-(?P<ts>.*)"
    extract: "$ts"
  policy:
    numerical:
      order: asc
---
apiVersion: image.toolkit.fluxcd.io/v1beta1
kind: ImageUpdateAutomation
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
      messageTemplate: "{{range .Updated.Images}}{{println .}}{{end}}"
    push:
      branch: main
  interval: 1m0s
  sourceRef:
    kind: GitRepository
    name: k8s-demo
  update:
    path: ./helm/my-values.yaml
    strategy: Setters
---
apiVersion: image.toolkit.fluxcd.io/v1beta2
kind: ImagePolicy
metadata:
  name: production
spec:
  imageRepositoryRef:
    name: k8s-demo
  policy:
    semver:
      range: ">=1.0.0 <2.0.0"
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: production
spec:
  interval: 10m
  targetNamespace: production
  sourceRef:
    kind: GitRepository
    name: k8s-demo
  path: ./deploy
  prune: true
---
apiVersion: image.toolkit.fluxcd.io/v1beta1
kind: ImageUpdateAutomation
metadata:
  name: production
spec:
  interval: 1m0s
  sourceRef:
    kind: GitRepository
    name: k8s-demo
  git:
    checkout:
      ref:
        branch: main
    commit:
      author:
        email: fluxcdbot@users.noreply.github.com
        name: fluxcdbot
      messageTemplate: |
        Automated image update

        Automation name: {{ .AutomationObject }}

        Files:
        {{ range $filename, $_ := .Updated.Files -}}
        - {{ $filename }}
        {{ end -}}

        Objects:
        {{ range $resource, $_ := .Updated.Objects -}}
        - {{ $resource.Kind | lower }} {{ $resource.Name | lower  }}
        {{ end -}}
  update:
    path: ./deploy
    strategy: Setters
`

let directory: string
let bare: string
let embedded: Embedded
let closing: (() => Promise<void>)[] = []
const store = memoryRegistryStore()
const { signal } = new AbortController()

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-loops-'))
  bare = markedRepository()
  const git = createServer(
    gitHttpHandler({
      locate: (path) => (path === '/cnych/k8s-demo-config' ? bare : undefined),
      authorize: (_path, user) => (user?.name === 'cnych' && user.password === 's3cret' ? 'write' : 'none'),
    }),
  )
  const registry = createServer(registryHandler({ store }))
  for (const tag of ['latest', 'd3fc3d5', '1.0.0', '2.0.0', 'main-25de3e1a-1695469144']) {
    await storeImage(store, image, tag)
  }
  const [gitPort, registryPort] = await Promise.all([listenOnLoopback(git, 0), listenOnLoopback(registry, 0)])
  embedded = await startEmbedded({
    storage: memoryStorage(),
    artifactDirectory: join(directory, 'artifacts'),
    tagDirectory: join(directory, 'tags'),
    ports: { api: 0, artifacts: 0 },
    mirrors: new Map([
      ['gitlab.k8s.local', `http://127.0.0.1:${gitPort}`],
      ['index.docker.io', `http://127.0.0.1:${registryPort}`],
    ]),
    log: silentLogger,
  })
  closing = [async () => embedded[Symbol.asyncDispose](), () => closeServer(git), () => closeServer(registry)]
}, 60_000)

afterAll(async () => {
  for (const close of closing) await close()
  rmSync(directory, { recursive: true, force: true })
})

test('a pushed image is committed and deployed: main to staging, releases to production', async () => {
  await apply()
  await deployed({ staging: 'main-25de3e1a-1695469144', production: '1.0.0' })
  expect(await commits()).toEqual([
    'docker.io/cnych/devops-demo:1.0.0|Automated image update Automation name: default/production Files: - deployment.yaml Objects: - deployment devops-demo',
    'docker.io/cnych/devops-demo:main-25de3e1a-1695469144|docker.io/cnych/devops-demo:main-25de3e1a-1695469144',
  ])

  await storeImage(store, image, 'main-e21d5f90-1695526572')
  await storeImage(store, image, '1.0.1')
  await storeImage(store, image, '2.0.1')
  // Nobody waits half a minute for the next scan in a test.
  await reconcile('image.toolkit.fluxcd.io/v1', 'ImageRepository')
  await deployed({ staging: 'main-e21d5f90-1695526572', production: '1.0.1' })
  expect(await commits()).toHaveLength(4)
  expect(readFile('helm/my-values.yaml')).toContain(
    '  repository: docker.io/cnych/devops-demo # {"$imagepolicy": "default:k8s-demo:name"}\n' +
      '  tag: main-e21d5f90-1695526572 # {"$imagepolicy": "default:k8s-demo:tag"}\n',
  )

  const events = await embedded.cluster.list(await resourceFor('v1', 'Event'), {
    namespace: 'default',
    signal,
  })
  const warnings = events.items.filter((it) => it['type'] === 'Warning').map((it) => it['message'])
  // What Flux says of a policy that comes together with its repository.
  expect(warnings.filter((it) => it !== 'retrying in 30s error: no tags in database')).toEqual([])
}, 120_000)

/** The tutorial's repository with markers in the release's values and in the manifest. */
function markedRepository(): string {
  const work = join(directory, 'work')
  cpSync(example, work, { recursive: true })
  edit(join(work, 'helm/my-values.yaml'), [
    [/^( {2}repository: )\S+.*$/m, '$1cnych/devops-demo # {"$$imagepolicy": "default:k8s-demo:name"}'],
    [/^( {2}tag: )\S+.*$/m, '$1d3fc3d5 # {"$$imagepolicy": "default:k8s-demo:tag"}'],
  ])
  edit(join(work, 'deploy/deployment.yaml'), [
    [/^( +image: )\S+.*$/m, '$1cnych/devops-demo:d3fc3d5 # {"$$imagepolicy": "default:production"}'],
  ])
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      encoding: 'utf8',
    })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '-m', 'init')
  const made = join(directory, 'k8s-demo-config.git')
  git('clone', '--quiet', '--bare', work, made)
  return made
}

function edit(path: string, replacements: readonly (readonly [RegExp, string])[]): void {
  const text = replacements.reduce((it, [from, to]) => it.replace(from, to), readFileSync(path, 'utf8'))
  writeFileSync(path, text)
}

async function apply(): Promise<void> {
  for (const { value } of parseYamlDocuments(manifests)) {
    const { metadata, ...object } = value as KubeObject
    const resource = await resourceFor(object.apiVersion, object.kind)
    await embedded.cluster.create(
      resource,
      { ...object, metadata: { ...(resource.namespaced && { namespace: 'default' }), ...metadata } },
      { signal, fieldManager: 'kubectl-client-side-apply' },
    )
  }
}

/** Waits until both Deployments run these tags, with sources that look whenever something was committed. */
async function deployed(tags: { readonly staging: string; readonly production: string }): Promise<void> {
  const wanted = Object.values(tags).map((tag) => `docker.io/cnych/devops-demo:${tag}`)
  let seen: readonly string[] = []
  await until(
    async () => {
      seen = await images()
      return wanted.every((it) => seen.some((found) => found.endsWith(`=${it}`)))
    },
    { what: () => `${wanted.join(' and ')}, not ${seen.join(', ')}`, withinMs: readyWithinMs },
  )
}

/** What available Deployments run, by name. */
async function images(): Promise<readonly string[]> {
  await reconcile('source.toolkit.fluxcd.io/v1', 'GitRepository')
  const { items } = await embedded.cluster.list(await resourceFor('apps/v1', 'Deployment'), { signal })
  return items.filter((it) => isAvailable(it)).map((it) => `${it.metadata.name}=${imageOf(it)}`)
}

function imageOf(deployment: KubeObject): string {
  const { template } = deployment['spec'] as {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
  }
  return template.spec.containers[0]?.image ?? ''
}

function isAvailable({ status, spec }: KubeObject): boolean {
  const { updatedReplicas, availableReplicas } = (status ?? {}) as Readonly<
    Record<string, number | undefined>
  >
  const { replicas } = spec as { readonly replicas: number }
  return updatedReplicas === replicas && availableReplicas === replicas
}

/** Images that commits of the robot set, oldest last, with the messages. */
async function commits(): Promise<readonly string[]> {
  const log = execFileSync('git', ['-C', bare, 'log', '--author=fluxcdbot', '--format=%H', 'main'], {
    encoding: 'utf8',
  })
  const hashes = log.split('\n').filter(Boolean)
  return hashes
    .map((hash) => {
      const show = (...args: readonly string[]): string =>
        execFileSync('git', ['-C', bare, 'show', ...args, hash], { encoding: 'utf8' })
      const added = [...show('--format=').matchAll(/^\+ +(?:image|repository|tag): (\S+)/gm)].map(
        ([, it]) => it,
      )
      return `${added.join(':')}|${show('-s', '--format=%B').trim().split(/\s+/).join(' ')}`
    })
    .toSorted()
}

function readFile(path: string): string {
  return execFileSync('git', ['-C', bare, 'show', `main:${path}`], { encoding: 'utf8' })
}

async function reconcile(apiVersion: string, kind: string): Promise<void> {
  const annotations = { 'reconcile.fluxcd.io/requestedAt': `${formatTime(Date.now())} ${Math.random()}` }
  const body = { metadata: { annotations } }
  const key = { namespace: 'default', name: 'k8s-demo' }
  await embedded.cluster.patch(await resourceFor(apiVersion, kind), key, {
    signal,
    fieldManager: 'flux',
    patch: { kind: 'merge', body },
  })
}

function resourceFor(apiVersion: string, kind: string): ReturnType<Embedded['cluster']['resourceFor']> {
  return embedded.cluster.resourceFor(apiVersion, kind, { signal })
}
