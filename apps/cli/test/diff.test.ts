import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Cluster } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { expect, test } from 'vitest'
import { type CliWorld, cliWorld } from './run-cli.ts'

const namespace = 'flux-system'
const changed = '⚠️ identified at least one change, exiting with non-zero exit code\n'

const kustomization = (name: string, spec: object = {}, entries: readonly string[] = []): KubeObject => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace },
  spec: {
    interval: '60s',
    path: `./${name}`,
    prune: true,
    sourceRef: { kind: 'GitRepository', name: 'app' },
    ...spec,
  },
  status: { inventory: { entries: entries.map((id) => ({ id, v: 'v1' })) } },
})
const config = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: ${data}\n`
const secret = (name: string, data: string, more = '') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: default}\nstringData: ${data}\n${more}`
const labels = {
  'kustomize.toolkit.fluxcd.io/name': 'app',
  'kustomize.toolkit.fluxcd.io/namespace': namespace,
}

function existing(kind: string, name: string, data: Record<string, string>): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', labels }, data }
}

async function apply(cluster: Cluster, object: KubeObject): Promise<void> {
  const { signal } = new AbortController()
  const resource = await cluster.resourceFor(object.apiVersion, object.kind, { signal })
  await cluster.apply(resource, object, { signal, fieldManager: 'kustomize-controller', force: true })
}

/** A world with these files on disk; `diff` compares the folder of a Kustomization. */
async function setUp(files: Readonly<Record<string, string>>): Promise<
  CliWorld & {
    readonly diff: (name: string, ...args: readonly string[]) => ReturnType<CliWorld['run']>
    readonly folder: string
  }
> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-diff-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  const world = await cliWorld({ workingDirectory: folder })
  await apply(world.cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  return {
    ...world,
    folder,
    diff: (name, ...args) => world.run('diff', 'kustomization', name, '--path', `./${name}`, ...args),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

test('compares what a directory describes with the cluster', async () => {
  await using world = await setUp({
    'app/new.yaml': config('new', '{a: b}'),
    'app/drifted.yaml': config('drifted', '{a: b, c: d}'),
    'app/same.yaml': config('same', '{a: b}'),
    'app/once.yaml': config('once', '{a: b}').replace(
      'namespace: default',
      'namespace: default, annotations: {kustomize.toolkit.fluxcd.io/ssa: IfNotPresent}',
    ),
    'app/secret.yaml': secret('secret', '{user: me, password: new}'),
    'app/sealed.yaml': secret('sealed', '{one: "ENC[x]"}', 'sops: {mac: "ENC[x]"}\n'),
    'ignored.yaml': 'not a manifest',
  })
  await world.put(kustomization('app', {}, ['default_same__ConfigMap', 'default_gone__ConfigMap']))
  await apply(world.cluster, existing('ConfigMap', 'drifted', { a: 'z', c: 'd' }))
  await apply(world.cluster, existing('ConfigMap', 'same', { a: 'b' }))
  await apply(world.cluster, existing('ConfigMap', 'once', { a: 'other' }))
  await apply(world.cluster, existing('Secret', 'secret', { user: btoa('me'), password: btoa('old') }))
  await apply(world.cluster, existing('Secret', 'sealed', { one: btoa('whatever') }))
  expect(await world.diff('app', '--progress-bar=false')).toEqual({
    exitCode: 1,
    stdout: `► ConfigMap/default/drifted drifted

data.a
± value change
- z
+ b

► ConfigMap/default/new created
► ConfigMap/default/once skipped
► Secret/default/secret drifted

data.password
± value change
- *** (before)
+ *** (after)

► ConfigMap/default/gone deleted
`,
    stderr: changed,
  })
})

test('says nothing where nothing differs, and needs the Kustomization unless told otherwise', async () => {
  await using world = await setUp({
    'app/a.yaml': config('a', '{a: b}'),
    'app/left/out.yaml': config('out', '{a: b}'),
    'app.yaml': JSON.stringify(kustomization('app', { prune: false })),
  })
  const file = ['--kustomization-file', 'app.yaml', '--ignore-paths', 'left/']
  expect(await world.diff('app', ...file)).toMatchObject({
    exitCode: 2,
    stderr:
      '✗ failed to get kustomization object: kustomizations.kustomize.toolkit.fluxcd.io "app" not found\n',
  })
  expect(await world.diff('app', ...file, '--ignore-not-found')).toMatchObject({
    exitCode: 1,
    stdout: '► ConfigMap/default/a created\n',
  })
  await apply(world.cluster, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'default', labels },
    data: { a: 'b' },
  })
  expect(await world.diff('app', ...file, '--ignore-not-found')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: '',
  })
})

test('goes on with the Kustomizations among the objects', async () => {
  const { status: _, ...child } = kustomization('child')
  await using world = await setUp({
    'parent/child.yaml': JSON.stringify(child),
    'child/a.yaml': config('a', '{a: b}'),
  })
  await world.put(kustomization('parent'))
  await world.put(kustomization('child'))
  const sources = `GitRepository/${namespace}/app=${world.folder}`
  const { stdout } = await world.diff('parent', '-r', '--local-sources', sources)
  expect(stdout).toMatch(
    /^► Kustomization\/flux-system\/child drifted\n[^]*📁 Kustomization\/flux-system\/child changed\n► ConfigMap\/default\/a created\n$/,
  )
})

test.each([
  ['no name', ['diff', 'kustomization'], 1, '✗ kustomization name is required\n'],
  ['no path', ['diff', 'ks', 'app'], 2, '✗ invalid resource path ""\n'],
  [
    'no directory',
    ['diff', 'ks', 'app', '--path', '/nowhere/x'],
    2,
    '✗ invalid resource path "/nowhere/x"\n',
  ],
])('refuses %s', async (_, args, exitCode, stderr) => {
  await using world = await cliWorld()
  expect(await world.run(...args)).toMatchObject({ exitCode, stderr })
})

test('tells of every object that is refused', async () => {
  await using world = await setUp({
    'app/all.yaml': [
      config('Bad_', '{}'),
      config('a', '{}').replace('default', 'nowhere'),
      'apiVersion: x.example/v1\nkind: Nothing\nmetadata: {name: x}\n',
    ].join('---\n'),
  })
  await world.put(kustomization('app'))
  const { exitCode, stdout, stderr } = await world.diff('app')
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(
    /^✗ \[ConfigMap\/default\/Bad_ dry-run failed \(Invalid\): .*, ConfigMap\/nowhere\/a not found: namespaces "nowhere" not found, Nothing\/x dry-run failed: no matches for kind "Nothing" in version "x.example\/v1"\]\n$/,
  )
})
