import type { Cluster } from '@sluice/cluster'
import { type Lab, labNamespace, startLab } from '@sluice/conformance'
import { systemClock } from '@sluice/host'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type Kustomization, kustomizationDefinition, resourceOf } from '@sluice/toolkit'
import { counting } from './bench-server.ts'

/** The lab with a controller in real time, whose requests are counted. */
export type Bed = AsyncDisposable &
  Pick<Lab, 'cluster' | 'publish'> & {
    /** Requests since the beginning, watches included, by method and path pattern. */
    readonly requests: ReadonlyMap<string, number>
    /** Creates Kustomizations `app-0` … with the path `./app-N`. */
    createKustomizations(count: number, spec?: JsonObject): Promise<void>
    /** Waits until all have applied the revision. */
    allReady(revision: string): Promise<void>
  }

/** Where the Kustomizations and what they apply are. */
export const bedNamespace: string = labNamespace

const kustomizations = resourceOf(kustomizationDefinition)

export async function kustomizationBed(): Promise<Bed> {
  const lab = await startLab()
  const { cluster, signal } = lab
  const requests = new Map<string, number>()
  const end = lab.startController({
    through: (transport) => counting(transport, requests),
    clock: systemClock,
  })

  return {
    cluster,
    publish: (files) => lab.publish(files),
    requests,
    createKustomizations: async (count, spec = {}) => {
      for (let at = 0; at < count; at++) {
        // One after the other, as `kubectl apply` does.
        await cluster.create(kustomizations, kustomization(`app-${at}`, spec), {
          signal,
          fieldManager: 'bench',
        })
      }
    },
    allReady: (revision) => allReady(cluster, revision, signal),
    [Symbol.asyncDispose]: async () => {
      await end()
      await lab[Symbol.asyncDispose]()
    },
  }
}

function kustomization(name: string, spec: JsonObject): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: bedNamespace },
    spec: {
      interval: '10m',
      path: `./${name}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'app' },
      ...spec,
    },
  }
}

async function allReady(cluster: Cluster, revision: string, signal: AbortSignal): Promise<void> {
  const { items, resourceVersion } = await cluster.list<Kustomization>(kustomizations, { signal })
  const waiting = new Set(
    items.filter((item) => !isReady(item, revision)).map(({ metadata }) => metadata.name),
  )
  if (waiting.size === 0) return
  for await (const { object } of cluster.watch<Kustomization>(kustomizations, { resourceVersion, signal })) {
    if (isReady(object, revision)) waiting.delete(object.metadata.name)
    else if (object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'False')) {
      throw new TypeError(`${object.metadata.name} failed: ${JSON.stringify(object.status.conditions)}`)
    }
    if (waiting.size === 0) return
  }
}

function isReady({ status }: Kustomization, revision: string): boolean {
  return (
    status?.lastAppliedRevision === revision &&
    status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
  )
}
