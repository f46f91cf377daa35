import type { KubeObject } from '@sluice/ports'
import type { Core } from '../verbs/call.ts'
import { newUid, timestamp } from '../verbs/metadata.ts'
import { defaultRoles } from './roles.ts'

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Makes the objects that every cluster has, where they are missing. */
export async function bootstrap(core: Core): Promise<void> {
  for (const name of namespaces) {
    // One after the other, so that revisions are the same on every start.
    await ensure(core, `//namespaces//${name}`, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
  }
  for (const object of defaultRoles()) {
    const plural = object.kind === 'ClusterRole' ? 'clusterroles' : 'clusterrolebindings'
    // As above.
    await ensure(core, `/rbac.authorization.k8s.io/${plural}//${object.metadata.name}`, object)
  }
}

async function ensure({ storage, clock, random }: Core, key: string, object: KubeObject): Promise<void> {
  if (storage.get(key)) return
  const metadata = { ...object.metadata, uid: newUid(random), creationTimestamp: timestamp(clock) }
  await storage.put(key, { ...object, metadata }, { kind: 'absent' })
}
