import { isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { createDecoded } from '../verbs/create.ts'
import { systemCall } from '../verbs/system-call.ts'
import type { Controller, ControllerContext } from './context.ts'
import { TaskQueue } from './task-queue.ts'

const namespacePrefix = '//namespaces//'
const rootCaName = 'kube-root-ca.crt'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Gives every namespace its default service account and the CA that its pods trust, and puts them back. */
export function namespaceDefaults(context: ControllerContext): Controller {
  const { core } = context
  const queue = new TaskQueue({
    name: 'namespace-defaults',
    ...core,
    signal: context.signal,
    work: async (namespace) => {
      const stored = core.storage.get(`${namespacePrefix}${namespace}`)
      if (!stored || stored.metadata.deletionTimestamp !== undefined) return
      await ensure(context, 'serviceaccounts', {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace },
      })
      await ensure(context, 'configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: rootCaName,
          namespace,
          annotations: { 'kubernetes.io/description': description },
        },
        data: { 'ca.crt': context.ca },
      })
    },
  })
  return {
    observe: ({ type, key, object }) => {
      if (type === 'put' && key.startsWith(namespacePrefix)) queue.add(object.metadata.name ?? '')
      if (type === 'delete' && isDefault(key)) queue.add(object.metadata.namespace ?? '')
    },
    run: () => queue.run(),
  }
}

function isDefault(key: string): boolean {
  return (
    (key.startsWith('//serviceaccounts/') && key.endsWith('/default')) ||
    (key.startsWith('//configmaps/') && key.endsWith(`/${rootCaName}`))
  )
}

async function ensure(
  { core, manager }: ControllerContext,
  plural: string,
  object: KubeObject,
): Promise<void> {
  const { name = '', namespace = '' } = object.metadata
  if (core.storage.get(`//${plural}/${namespace}/${name}`)) return
  const call = systemCall(core, { group: '', version: 'v1', plural, namespace, name: '' })
  try {
    await createDecoded(core, call, {
      object,
      options: { dryRun: false, fieldManager: manager, fieldValidation: 'Ignore', force: false },
    })
  } catch (error) {
    // Someone made it first, or the namespace is going away.
    if (
      !isApiError(error, 'AlreadyExists') &&
      !isApiError(error, 'Forbidden') &&
      !isApiError(error, 'NotFound')
    ) {
      throw error
    }
  }
}
