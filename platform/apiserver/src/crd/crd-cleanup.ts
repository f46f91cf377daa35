import { isApiError } from '@sluice/cluster'
import { type Controller, type ControllerContext, keyParts } from '../controllers/context.ts'
import { TaskQueue } from '../controllers/task-queue.ts'
import { crdFinalizer } from '../kinds/crd.ts'
import { textAt } from '../kinds/strategy.ts'
import { changeObject } from '../verbs/change.ts'
import { removeObject } from '../verbs/delete.ts'
import { withMeta } from '../verbs/metadata.ts'
import { systemCall } from '../verbs/system-call.ts'
import { crdPrefix } from './custom-resources.ts'

/** Deletes the objects of a definition that is being deleted, then lets it go. */
export function crdCleanup(context: ControllerContext): Controller {
  const { core, signal } = context
  const deleting = new Map<string, string>()
  const queue = new TaskQueue({
    name: 'crd-cleanup',
    ...core,
    signal,
    work: (name) => cleanUp(context, name),
  })
  return {
    observe: ({ type, key, object }) => {
      if (key.startsWith(crdPrefix)) {
        const name = object.metadata.name ?? ''
        if (type === 'delete') deleting.delete(name)
        else if (object.metadata.deletionTimestamp !== undefined) {
          deleting.set(name, name)
          queue.add(name)
        }
        return
      }
      if (type !== 'delete' || deleting.size === 0) return
      const parts = keyParts(key)
      const name = parts && `${parts.plural}.${parts.group}`
      if (name !== undefined && deleting.has(name)) queue.add(name)
    },
    run: () => queue.run(),
  }
}

async function cleanUp({ core }: ControllerContext, name: string): Promise<void> {
  const crd = core.storage.get(`${crdPrefix}/${name}`)
  if (!crd || !crd.metadata.finalizers?.includes(crdFinalizer)) return
  const group = textAt(crd, 'spec.group')
  const plural = textAt(crd, 'spec.names.plural')
  const [resource] = core.registry.customOf(name)
  let isEmpty = true
  for (const object of core.storage.list(`/${group}/${plural}/`).objects) {
    if (!resource) break
    const { namespace = '', name: its = '' } = object.metadata
    const target = { group, version: resource.version, plural, namespace, name: its }
    try {
      // In order, so that one definition cannot flood the store.
      const { isGone } = await removeObject(core, systemCall(core, target), {
        dryRun: false,
        propagation: 'Background',
        uid: undefined,
        resourceVersion: undefined,
        gracePeriodSeconds: undefined,
      })
      isEmpty &&= isGone
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
    }
  }
  if (!isEmpty) return
  const call = systemCall(core, {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    name,
  })
  await changeObject(core, call, {
    dryRun: false,
    isConditional: () => false,
    next: (current) => {
      const finalizers = (current.metadata.finalizers ?? []).filter((it) => it !== crdFinalizer)
      return withMeta(current, { finalizers: finalizers.length === 0 ? undefined : finalizers })
    },
  })
}
