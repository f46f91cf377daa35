import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '@sluice/cluster'
import { commitAndPush, read, type SluiceProcess, sluiceProcess, until } from '@sluice/conformance'
import { type Benchmark, percentiles } from '../benchmark.ts'

const samples = 50
const pushes = 10
const manyObjects = 1_000
const withinMs = 60_000
const kustomization = ['kustomize.toolkit.fluxcd.io/v1', 'Kustomization', 'k8s-demo'] as const
const configMap = ['v1', 'ConfigMap', 'devops-demo'] as const

/** What a person waits for: the start, a push, drift; and what it costs in memory. */
export const benchmark: Benchmark = async (report) => {
  const sluice = sluiceProcess()
  try {
    const begin = performance.now()
    await sluice.start()
    report.figure('start to API ready', performance.now() - begin, 'ms')
    await until(() => sluice.output().includes('things to try'), { what: sluice.output, withinMs })
    report.goal('start to all Ready', performance.now() - begin, { unit: 'ms', atMost: 15_000 })
    report.figure('memory after start', megabytes(sluice), 'MB')
    const cluster = await sluice.cluster()
    const clone = sluice.clone()

    const applied: number[] = []
    for (let push = 1; push <= pushes; push += 1) applied.push(await pushToApplied(cluster, clone, push))
    report.figure('push to applied, p50', percentiles(applied).p50, 'ms')
    report.figure('push to applied, p95', percentiles(applied).p95, 'ms')

    const corrected: number[] = []
    for (let sample = 0; sample < samples; sample += 1) corrected.push(await driftToCorrected(cluster))
    report.figure('drift to corrected, p50', percentiles(corrected).p50, 'ms')
    report.goal('drift to corrected, p95', percentiles(corrected).p95, { unit: 'ms', atMost: 1_000 })

    report.figure('1,000 ConfigMaps, push to applied', await applyMany(cluster, clone), 'ms')
    report.figure('memory with 1,000 ConfigMaps', megabytes(sluice), 'MB')
  } finally {
    await sluice.dispose()
  }
}

/** From `git push` and a request to reconcile the source, as a webhook makes it, to the applied revision. */
async function pushToApplied(cluster: Cluster, clone: string, push: number): Promise<number> {
  writeFileSync(
    join(clone, 'deploy/configmap.yaml'),
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: devops-demo\ndata:\n  greeting: push ${push}\n`,
  )
  const begin = performance.now()
  const commit = await commitAndPush(clone, `push ${push}`)
  await requestSource(cluster, commit)
  await untilApplied(cluster, commit)
  return performance.now() - begin
}

async function requestSource(cluster: Cluster, token: string): Promise<void> {
  const signal = AbortSignal.timeout(withinMs)
  const resource = await cluster.resourceFor('source.toolkit.fluxcd.io/v1', 'GitRepository', { signal })
  const annotations = { 'reconcile.fluxcd.io/requestedAt': token }
  await cluster.patch(
    resource,
    { namespace: 'default', name: 'k8s-demo' },
    { signal, fieldManager: 'bench', patch: { kind: 'merge', body: { metadata: { annotations } } } },
  )
}

async function untilApplied(cluster: Cluster, commit: string): Promise<void> {
  await until(
    async () => {
      const { lastAppliedRevision = '' } = ((await read(cluster, kustomization))?.['status'] ?? {}) as {
        readonly lastAppliedRevision?: string
      }
      return lastAppliedRevision.endsWith(commit)
    },
    { what: () => commit, withinMs },
  )
}

/** From the answer to an edit by hand to the moment when a watch shows the old value again. */
async function driftToCorrected(cluster: Cluster): Promise<number> {
  const signal = AbortSignal.timeout(withinMs)
  const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
  const key = { namespace: 'default', name: configMap[2] }
  const edited = await cluster.patch(resource, key, {
    signal,
    fieldManager: 'kubectl-edit',
    patch: { kind: 'merge', body: { data: { greeting: 'by hand' } } },
  })
  const begin = performance.now()
  const changes = cluster.watch(resource, {
    namespace: 'default',
    fieldSelector: `metadata.name=${configMap[2]}`,
    resourceVersion: edited.metadata.resourceVersion ?? '',
    signal,
  })
  for await (const { type, object } of changes) {
    const { greeting } = (object['data'] ?? {}) as { readonly greeting?: string }
    if (type === 'MODIFIED' && greeting !== 'by hand') break
  }
  return performance.now() - begin
}

async function applyMany(cluster: Cluster, clone: string): Promise<number> {
  const documents = Array.from(
    { length: manyObjects },
    (_, index) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: many-${index}\ndata:\n  index: "${index}"\n`,
  )
  writeFileSync(join(clone, 'deploy/many.yaml'), documents.join('---\n'))
  writeFileSync(
    join(clone, 'deploy/kustomization.yaml'),
    'resources:\n  - configmap.yaml\n  - deployment.yaml\n  - service.yaml\n  - many.yaml\n',
  )
  const begin = performance.now()
  const commit = await commitAndPush(clone, 'many')
  await requestSource(cluster, commit)
  await untilApplied(cluster, commit)
  return performance.now() - begin
}

function megabytes(sluice: SluiceProcess): number {
  return sluice.memoryBytes() / 1_048_576
}
