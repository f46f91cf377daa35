import { isApiError } from '@sluice/cluster'
import { namespaceFinalizers } from '../kinds/namespace.ts'
import { storagePrefix } from '../registry/api-resource.ts'
import { changeObject } from '../verbs/change.ts'
import { removeObject } from '../verbs/delete.ts'
import { systemCall } from '../verbs/system-call.ts'
import { type Controller, type ControllerContext, keyParts } from './context.ts'
import { TaskQueue } from './task-queue.ts'

const namespacePrefix = '//namespaces//'
const finalizer = 'kubernetes'
const settleMs = 100

/** Empties namespaces that are being deleted, then lets them go. */
export function namespaceContent(context: ControllerContext): Controller {
  const { core, signal } = context
  const terminating = new Set<string>()
  const queue = new TaskQueue({
    name: 'namespace-content',
    ...core,
    signal,
    work: async (namespace) => {
      // Clients see a namespace terminate before its content goes.
      await core.clock.sleep(settleMs, signal)
      await empty(context, namespace)
    },
  })
  return {
    observe: ({ type, key, object }) => {
      if (key.startsWith(namespacePrefix)) {
        const name = object.metadata.name ?? ''
        if (type === 'delete') terminating.delete(name)
        else if (object.metadata.deletionTimestamp !== undefined) {
          terminating.add(name)
          queue.add(name)
        }
        return
      }
      // What held the namespace up has gone.
      const namespace = type === 'delete' ? keyParts(key)?.namespace : undefined
      if (namespace !== undefined && terminating.has(namespace)) queue.add(namespace)
    },
    run: () => queue.run(),
  }
}

async function empty({ core }: ControllerContext, namespace: string): Promise<void> {
  const stored = core.storage.get(`${namespacePrefix}${namespace}`)
  if (!stored || stored.metadata.deletionTimestamp === undefined) return
  let isEmpty = true
  const seen = new Set<string>()
  for (const resource of core.registry.all()) {
    const prefix = storagePrefix(resource, namespace)
    if (!resource.namespaced || seen.has(prefix)) continue
    seen.add(prefix)
    for (const object of core.storage.list(prefix).objects) {
      const { group, version, plural } = resource
      const call = systemCall(core, { group, version, plural, namespace, name: object.metadata.name ?? '' })
      // In order, so that one namespace cannot flood the store.
      const { isGone } = await removeObject(core, call, {
        dryRun: false,
        propagation: 'Background',
        uid: undefined,
        resourceVersion: undefined,
        gracePeriodSeconds: undefined,
      }).catch(ignoreMissing)
      isEmpty &&= isGone
    }
  }
  if (isEmpty) await release(core, namespace)
}

/** Takes the finalizer away that stands for the content. */
async function release(core: ControllerContext['core'], namespace: string): Promise<void> {
  const target = { group: '', version: 'v1', plural: 'namespaces', name: namespace, subresource: 'finalize' }
  try {
    await changeObject(core, systemCall(core, target), {
      dryRun: false,
      isConditional: () => false,
      next: (current) => ({
        ...current,
        spec: { finalizers: namespaceFinalizers(current).filter((it) => it !== finalizer) },
      }),
    })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}

function ignoreMissing(error: unknown): { readonly isGone: boolean } {
  if (isApiError(error, 'NotFound')) return { isGone: true }
  throw error
}
