import { forbidden, notFound } from '../status/status-error.ts'
import type { Storage } from '../storage/storage.ts'
import type { Admission } from '../verbs/call.ts'

const protectedNamespaces = new Set(['default', 'kube-system', 'kube-public'])
const namespaces = { group: '', plural: 'namespaces' }

/** Keeps the namespaces that every cluster has, and new objects out of namespaces that are going away. */
export function namespaceLifecycle(storage: Storage): Admission {
  return {
    mutate: (_request, object) => object,
    validate: ({ operation, call }) => {
      const { resource, name, namespace } = call
      const isNamespace = resource.group === '' && resource.plural === 'namespaces'
      if (operation === 'DELETE' && isNamespace && protectedNamespaces.has(name)) {
        throw forbidden(resource, name, { cause: 'this namespace may not be deleted' })
      }
      if (operation !== 'CREATE' || !resource.namespaced) return
      const stored = storage.get(`//namespaces//${namespace}`)
      if (!stored) throw notFound(namespaces, namespace)
      if (stored.metadata.deletionTimestamp === undefined) return
      throw forbidden(resource, name, {
        cause: `unable to create new content in namespace ${namespace} because it is being terminated`,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      })
    },
  }
}
