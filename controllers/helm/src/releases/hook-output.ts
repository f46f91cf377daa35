import { objectsOf, type ReleaseHook } from '@sluice/chart'
import { isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { placed, type Site } from './apply/placed.ts'

/** Of the end of a container's log. */
const maxOutputBytes = 4_096

/** Logs what the containers of a hook that is a Job or a Pod have written last. @throws {ApiError} */
export async function logHookOutput(hook: ReleaseHook, site: Site): Promise<void> {
  const { cluster, signal } = site
  const [object] = objectsOf(hook.manifest)
  if (!object || (hook.kind !== 'Job' && hook.kind !== 'Pod')) return
  const { key } = await placed(object, site)
  const pods = await cluster.resourceFor('v1', 'Pod', { signal })
  const selection =
    hook.kind === 'Job'
      ? { labelSelector: `job-name=${hook.name}` }
      : { fieldSelector: `metadata.name=${hook.name}` }
  const namespace = key.namespace ?? site.namespace
  const { items } = await cluster.list(pods, { namespace, ...selection, signal })
  for (const pod of items) {
    for (const container of containersOf(pod)) {
      const name = pod.metadata.name ?? ''
      const output = await containerOutput({ namespace, name, container }, site)
      for (const line of output) site.log({ level: 'debug', message: line, fields: { container, pod: name } })
    }
  }
}

async function containerOutput(
  {
    namespace,
    name,
    container,
  }: { readonly namespace: string; readonly name: string; readonly container: string },
  { cluster, signal }: Site,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log`
  try {
    const query = { container, limitBytes: String(maxOutputBytes), tailLines: '5' }
    const { body } = await cluster.request({ method: 'GET', path, query }, { signal })
    return typeof body === 'string' ? body.split('\n').filter((line) => line !== '') : []
  } catch (error) {
    if (isApiError(error, 'NotFound')) return []
    throw error
  }
}

function containersOf(pod: KubeObject): readonly string[] {
  const { containers = [] } = (pod['spec'] ?? {}) as {
    readonly containers?: readonly { readonly name: string }[]
  }
  return containers.map(({ name }) => name)
}
