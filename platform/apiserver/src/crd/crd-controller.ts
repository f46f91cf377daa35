import { isApiError } from '@sluice/cluster'
import type { Condition, KubeObject } from '@sluice/ports'
import type { Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { timestamp } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'
import { systemCall } from '../verbs/system-call.ts'
import { crdPrefix, resourcesOf } from './custom-resources.ts'

const manager = 'kube-apiserver'

/** Serves what CRDs define, from now on until `signal` aborts. */
export async function runCrdController(core: Core, signal: AbortSignal): Promise<void> {
  const { storage, registry } = core
  const { objects, revision } = storage.list(crdPrefix)
  for (const crd of objects) registry.setCustom(crd.metadata.name ?? '', resourcesOf(crd))
  for await (const { type, object } of storage.watch(crdPrefix, { revision, signal })) {
    const name = object.metadata.name ?? ''
    if (type === 'delete') {
      registry.setCustom(name, [])
      continue
    }
    registry.setCustom(name, resourcesOf(object))
    // In the order of changes: each status follows from the state before it.
    await establish(core, object).catch((error: unknown) =>
      core.log.error(error, 'cannot say in the status of a definition that it is served', { crd: name }),
    )
  }
}

/** Says in the status that names are taken and objects served. */
async function establish(core: Core, crd: KubeObject): Promise<void> {
  const status = (crd['status'] ?? {}) as { readonly conditions?: readonly Condition[] | null }
  const isDone = (status.conditions ?? []).some((it) => it.type === 'Established' && it.status === 'True')
  const names = (crd['spec'] as { readonly names: object }).names
  if (isDone && sameNames(crd)) return
  const call: Call = systemCall(core, {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    name: crd.metadata.name ?? '',
    subresource: 'status',
  })
  const now = timestamp(core.clock)
  const context = writeContext(call.resource, { manager, subresource: 'status', now })
  try {
    await changeObject(core, call, {
      dryRun: false,
      isConditional: () => false,
      next: (current) => {
        const before = current['status'] ?? {}
        const conditions = [
          condition('NamesAccepted', 'NoConflicts', 'no conflicts found', now),
          condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted', now),
        ]
        return recordUpdate(
          current,
          { ...current, status: { ...before, conditions, acceptedNames: names } },
          context,
        )
      },
    })
  } catch (error) {
    // Deleted meanwhile: there is nothing to say any more.
    if (!isApiError(error, 'NotFound')) throw error
  }
}

function sameNames(crd: KubeObject): boolean {
  const { names } = crd['spec'] as { readonly names: object }
  const { acceptedNames } = (crd['status'] ?? {}) as { readonly acceptedNames?: object }
  return JSON.stringify(names) === JSON.stringify(acceptedNames)
}

function condition(type: string, reason: string, message: string, now: string): Condition {
  return { type, status: 'True', lastTransitionTime: now, reason, message }
}
