import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { campaign } from '../src/chaos/first-slice/campaign.ts'
import { commitAndPush, sluiceProcess, until } from '../src/process/sluice-process.ts'
import { kubectlFor } from '../src/suites/flux/kubectl.ts'

const readyWithinMs = 30_000
const realHelm = fileURLToPath(new URL('../../tools/bin/helm', import.meta.url))

function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  return until(isTrue, { what: () => what, withinMs: readyWithinMs })
}

type Ended = { readonly code: number; readonly out: string; readonly err: string }

/** Runs the command line of Sluice in a directory. */
function run(cwd: string, ...args: readonly string[]): Promise<Ended> {
  const program = new URL('../../dist/sluice.js', import.meta.url).pathname
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
}

describe('a person with the tutorial', () => {
  const sluice = sluiceProcess()
  const kubectl = (...args: string[]) => kubectlFor(sluice.kubeconfig)(args)
  const text = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await kubectl(...args)
    return stdout + stderr
  }
  const helm = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(realHelm, ['--kubeconfig', sluice.kubeconfig, ...args])
    return stdout
  }
  beforeAll(async () => {
    await sluice.start()
    await eventually('all to be Ready', async () => sluice.output().includes('things to try'))
  }, 60_000)

  afterAll(() => sluice.dispose())

  test('sees what the tutorial shows', async () => {
    const table = await text('get', 'gitrepositories')
    expect(table.split('\n')[0]).toMatch(/^NAME +URL +AGE +READY +STATUS$/)
    expect(table).toMatch(
      /^k8s-demo +http:\/\/gitlab\.k8s\.local\/cnych\/k8s-demo-config +\d+s +True +stored artifact for revision 'main@sha1:[0-9a-f]{40}'$/m,
    )
    const described = await text('describe', 'gitrepository', 'k8s-demo')
    expect(described).toMatch(/Reason: +Succeeded/)
    expect(described).toMatch(/Type: +ArtifactInStorage/)
    expect(described).toMatch(/Normal +NewArtifact .*source-controller +stored artifact for commit '/)
    expect(described).not.toContain('Warning')
  })

  test('sees workloads as a healthy cluster shows them', async () => {
    const table = await text('get', 'deployments,pods')
    expect(table).toMatch(/deployment\.apps\/devops-demo +2\/2 +2 +2 /)
    expect(table.match(/pod\/devops-demo-\S+ +1\/1 +Running/g)).toHaveLength(2)
    expect(
      await text('wait', 'deployment/devops-demo', '--for=condition=Available', '--timeout=5s'),
    ).toContain('condition met')
  })

  test('sees the release of a HelmRelease with real Helm', async () => {
    expect(await text('get', 'helmrelease')).toMatch(
      /^k8s-demo +\d+s +True +Helm install succeeded for release default\/k8s-demo\.v1 with chart devops-demo@0\.1\.0\+[0-9a-f]{12}\.1$/m,
    )
    expect(await text('get', 'helmchart', 'default-k8s-demo')).toMatch(
      /^default-k8s-demo +helm +\* +GitRepository +k8s-demo +\d+s +True +packaged 'devops-demo' chart with version '0\.1\.0\+[0-9a-f]{12}\.1' and merged values files \[helm\/values\.yaml helm\/my-values\.yaml\]$/m,
    )
    expect(await helm('list')).toMatch(
      /^k8s-demo\s+default\s+1\s.*\sdeployed\s+devops-demo-0\.1\.0\+[0-9a-f]{12}\.1\s+1\.0\s*$/m,
    )
    expect(await helm('history', 'k8s-demo')).toMatch(/^1\s.*deployed.*Install complete$/m)
    expect(await helm('get', 'values', 'k8s-demo')).toBe('USER-SUPPLIED VALUES:\nreplicaCount: 2\n')
    const source = new URL('../../examples/tutorial/repositories/k8s-demo-config', import.meta.url).pathname
    expect(await run(sluice.directory, 'diff', 'hr', 'k8s-demo', '-n', 'default', '--path', source)).toEqual({
      code: 0,
      out: '',
      err: '',
    })
  })

  test('pushes a commit and sees it applied, removes a file and sees it pruned', async () => {
    const clone = sluice.clone()
    const folder = join(clone, 'deploy')
    const kustomization = (files: readonly string[]): void =>
      writeFileSync(
        join(folder, 'kustomization.yaml'),
        `resources:\n${files.map((name) => `  - ${name}\n`).join('')}`,
      )
    writeFileSync(
      join(folder, 'extra.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n',
    )
    kustomization(['configmap.yaml', 'deployment.yaml', 'service.yaml', 'extra.yaml'])
    await commitAndPush(clone, 'One more')
    await text('annotate', '--overwrite', 'gitrepository/k8s-demo', 'reconcile.fluxcd.io/requestedAt=1')
    await eventually(
      'the new ConfigMap',
      async () => (await kubectl('get', 'configmap', 'extra')).exitCode === 0,
    )

    rmSync(join(folder, 'extra.yaml'))
    kustomization(['configmap.yaml', 'deployment.yaml', 'service.yaml'])
    await commitAndPush(clone, 'One less')
    await text('annotate', '--overwrite', 'gitrepository/k8s-demo', 'reconcile.fluxcd.io/requestedAt=2')
    await eventually('its pruning', async () => (await kubectl('get', 'configmap', 'extra')).exitCode !== 0)
    expect(await text('get', 'configmap', 'extra')).toContain('NotFound')
  }, 90_000)

  test('edits and deletes live objects and sees them put back', async () => {
    await text('patch', 'configmap', 'devops-demo', '--type=merge', '-p', '{"data":{"greeting":"by hand"}}')
    await eventually('the edit to be undone', async () =>
      (await text('get', 'configmap', 'devops-demo', '-o', 'jsonpath={.data.greeting}')).includes(
        'Hello from Git',
      ),
    )
    await text('delete', 'service', 'devops-demo')
    await eventually(
      'the Service',
      async () => (await kubectl('get', 'service', 'devops-demo')).exitCode === 0,
    )
    const events = await text('events', '--for', 'kustomization/k8s-demo')
    expect(events).toContain('devops-demo')
  }, 90_000)

  test('uses the command line of Sluice without kubectl', async () => {
    const got = await run(sluice.directory, 'get', 'kustomizations', '-n', 'default')
    expect(got.out).toMatch(
      /^NAME {4}\tREVISION {10,}\tSUSPENDED\tREADY\tMESSAGE +\nk8s-demo\tmain@sha1:[0-9a-f]{8}\tFalse {4}\tTrue {0,}\s*\tApplied revision: main@sha1:[0-9a-f]{8}\t\n$/,
    )
    const reconciled = await run(
      sluice.directory,
      'reconcile',
      'kustomization',
      'k8s-demo',
      '-n',
      'default',
      '--with-source',
    )
    expect(
      reconciled.err
        .replace(/[0-9a-f]{40}/g, '<sha>')
        .trim()
        .split('\n'),
    ).toEqual([
      '► annotating GitRepository k8s-demo in default namespace',
      '✔ GitRepository annotated',
      '◎ waiting for GitRepository reconciliation',
      '✔ fetched revision main@sha1:<sha>',
      '► annotating Kustomization k8s-demo in default namespace',
      '✔ Kustomization annotated',
      '◎ waiting for Kustomization reconciliation',
      '✔ applied revision main@sha1:<sha>',
    ])
    expect(await run(sluice.directory, 'get', 'kustomizations', 'nope')).toEqual({
      code: 1,
      out: '',
      err: `✗ Kustomization object 'nope' not found in "flux-system" namespace\n`,
    })
  }, 90_000)

  test('pushes an image as it was told to, and sees it committed and rolled out', async () => {
    const [, url = '', tag = '', credentials = ''] =
      /tag artifact (\S+) --tag (\S+)\$\(date \+%s\) --creds (\S+)/.exec(sluice.output()) ?? []
    const newest = `${tag}1999999999`
    const tagged = await run(
      sluice.directory,
      'tag',
      'artifact',
      url,
      '--tag',
      newest,
      '--creds',
      credentials,
    )
    expect(tagged).toMatchObject({ code: 0 })
    await run(sluice.directory, 'reconcile', 'image', 'repository', 'k8s-demo', '-n', 'default')
    const automation = async (field: string): Promise<string> =>
      text('get', 'imageupdateautomation', 'k8s-demo', '-o', `jsonpath={.status.${field}}`)
    await eventually('the commit', async () => (await automation('lastPushCommit')) !== '')
    expect(await automation('observedPolicies.k8s-demo.tag')).toBe(newest)
    await text('annotate', '--overwrite', 'gitrepository/k8s-demo', 'reconcile.fluxcd.io/requestedAt=3')
    const image = 'jsonpath={.spec.template.spec.containers[0].image}'
    await eventually(
      'the upgrade',
      async () =>
        (await text('get', 'deployment', 'k8s-demo-devops-demo', '-o', image)) ===
        `docker.io/cnych/devops-demo:${newest}`,
    )
    const nothing = await run(sluice.directory, 'diff', 'image', 'update', 'k8s-demo', '-n', 'default')
    expect(nothing).toEqual({ code: 0, out: '', err: '✔ repository up-to-date\n' })
  }, 90_000)

  test('ends it with Ctrl-C within two seconds and goes on at the same addresses', async () => {
    const address = /API server +(\S+)/.exec(sluice.output())?.[1]
    expect(await sluice.interrupt()).toBeLessThan(2_000)
    await sluice.start()
    expect(sluice.output()).toContain(String(address))
    await eventually('all to be Ready again', async () => sluice.output().includes('things to try'))
    expect(sluice.output()).toContain('going on from the stored state')
  }, 60_000)
})

test('fifteen kills leave what Git says and nothing else', async () => {
  const problems: string[] = []
  const result = await campaign({ kills: 15, seed: 20_261_126, log: (line) => problems.push(line) })
  expect(problems).toEqual([])
  expect(result).toEqual({ passed: 16, failed: 0 })
}, 300_000)
