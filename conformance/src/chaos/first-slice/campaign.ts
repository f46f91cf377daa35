import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { seededRandom } from '@sluice/ports/testing'
import { commitAndPush, read, sluiceProcess, until } from '../../process/sluice-process.ts'
import type { Campaign } from '../registry.ts'

const longestLifeMs = 1_200
const readyWithinMs = 45_000
const kustomization = ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'k8s-demo'] as const
const deployment = ['apps/v1', 'Deployment', 'devops-demo'] as const

/**
 * Pushes a change, kills the whole process at a moment drawn from the seed, starts it again, and compares the cluster
 * with what Git says: same objects, no generation that no change asked for, nothing left over.
 */
export const campaign: Campaign = async ({ kills, seed, log }) => {
  const random = seededRandom(seed)
  const sluice = sluiceProcess()
  let failed = 0
  try {
    await sluice.start()
    await until(() => sluice.output().includes('things to try'), {
      what: sluice.output,
      withinMs: readyWithinMs,
    })
    const clone = sluice.clone()
    const first = await read(await sluice.cluster(), deployment)
    for (let kill = 1; kill <= kills; kill += 1) {
      // One after another: each kill meets what the ones before left.
      const commit = await change(clone, kill, random.float())
      await pause(random.float() * longestLifeMs)
      await sluice.kill()
      await sluice.start()
      const problems = await problemsAfter(await sluice.cluster(), { clone, commit, first })
      for (const problem of problems) log(`kill ${kill}: ${problem}`)
      if (problems.length > 0) failed += 1
    }
    const leftovers = await leftoversAfterDeletion(await sluice.cluster())
    for (const leftover of leftovers) log(`after deletion: ${leftover}`)
    if (leftovers.length > 0) failed += 1
  } finally {
    await sluice.dispose()
  }
  return { passed: kills + 1 - failed, failed }
}

/** Adds, changes or removes a ConfigMap beside the Deployment, which never changes. */
async function change(clone: string, kill: number, choice: number): Promise<string> {
  const folder = join(clone, 'deploy')
  const extra = readdirSync(folder).filter((name) => name.startsWith('extra-'))
  const [victim] = extra
  if (choice < 0.4 && victim !== undefined) {
    rmSync(join(folder, victim))
  } else {
    writeFileSync(
      join(folder, `extra-${kill % 4}.yaml`),
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra-${kill % 4}\ndata:\n  kill: "${kill}"\n`,
    )
  }
  const files = readdirSync(folder).filter((name) => name !== 'kustomization.yaml')
  writeFileSync(
    join(folder, 'kustomization.yaml'),
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${files.map((name) => `  - ${name}\n`).join('')}`,
  )
  return await commitAndPush(clone, `change ${kill}`)
}

type Expected = { readonly clone: string; readonly commit: string; readonly first: KubeObject | undefined }

async function problemsAfter(cluster: Cluster, { clone, commit, first }: Expected): Promise<string[]> {
  try {
    await until(async () => isApplied(await read(cluster, kustomization), commit), {
      what: () => `revision ${commit}`,
      withinMs: readyWithinMs,
    })
  } catch (error) {
    const found = await read(cluster, kustomization)
    return [`${String(error)}: ${JSON.stringify(found?.['status'])?.slice(0, 600)}`]
  }
  const wanted = readdirSync(join(clone, 'deploy'))
    .filter((name) => name.startsWith('extra-'))
    .map((name) => name.replace('.yaml', ''))
    .toSorted()
  const found = (await configMaps(cluster)).filter((name) => name.startsWith('extra-'))
  const now = await read(cluster, deployment)
  return [
    ...(found.join() === wanted.join() ? [] : [`ConfigMaps: want ${wanted.join()}, got ${found.join()}`]),
    ...(now?.metadata.uid === first?.metadata.uid ? [] : ['the Deployment is another one']),
    ...(now?.metadata.generation === first?.metadata.generation
      ? []
      : [`generation: want ${first?.metadata.generation}, got ${now?.metadata.generation}`]),
  ]
}

function isApplied(object: KubeObject | undefined, commit: string): boolean {
  const { lastAppliedRevision = '', conditions = [] } = (object?.['status'] ?? {}) as {
    readonly lastAppliedRevision?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
  return (
    lastAppliedRevision.endsWith(commit) &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  )
}

async function configMaps(cluster: Cluster): Promise<string[]> {
  const signal = AbortSignal.timeout(10_000)
  const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
  const { items } = await cluster.list(resource, { namespace: 'default', signal })
  return items.map(({ metadata }) => metadata.name ?? '').toSorted()
}

/** Deletes the toolkit's objects and names what should be gone and is not. */
async function leftoversAfterDeletion(cluster: Cluster): Promise<string[]> {
  const owners = [kustomization, ['source.toolkit.fluxcd.io/v1', 'GitRepository', 'k8s-demo'] as const]
  const signal = AbortSignal.timeout(readyWithinMs)
  for (const [apiVersion, kind, name] of owners) {
    // Sequential: the applier goes before its source.
    const resource = await cluster.resourceFor(apiVersion, kind, { signal })
    await cluster.delete(resource, { namespace: 'default', name }, { signal })
    await until(async () => (await read(cluster, [apiVersion, kind, name])) === undefined, {
      what: () => `${kind} to be gone`,
      withinMs: readyWithinMs,
    })
  }
  const objects = (await configMaps(cluster)).filter((name) => name !== 'kube-root-ca.crt')
  return [...objects, ...((await read(cluster, deployment)) ? ['the Deployment'] : [])]
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
