import type { KubeObject } from '@sluice/ports'
import { storageKey } from '../registry/api-resource.ts'
import { writeOptions } from '../request/options.ts'
import { badRequest, conflict, notFound } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { timestamp } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'

type PodSpec = { readonly nodeName?: string }

/**
 * Assigns a pod to a node: what a scheduler does with `pods/binding`.
 *
 * @throws {ApiError} Conflict when the pod is assigned already.
 */
export async function bindPod(core: Core, call: Call): Promise<Answer> {
  const { resource, namespace, name, body } = call
  const { target } = (body ?? {}) as { readonly target?: { readonly kind?: string; readonly name?: string } }
  const nodeName = target?.name ?? ''
  if (nodeName === '') throw badRequest('a binding needs a target node')
  if (!core.storage.get(storageKey(resource, namespace, name))) throw notFound(resource, name)
  const options = writeOptions(call.query, { kind: 'CreateOptions', userAgent: call.userAgent })
  const context = writeContext(resource, {
    manager: options.fieldManager,
    subresource: 'binding',
    now: timestamp(core.clock),
  })
  await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: () => false,
    next: (current) => recordUpdate(current, assigned(current, nodeName, call), context),
  })
  return {
    status: 201,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  }
}

function assigned(pod: KubeObject, nodeName: string, { resource, name }: Call): KubeObject {
  const spec = (pod['spec'] ?? {}) as PodSpec
  if (spec.nodeName) {
    throw conflict(resource, name, `pod ${name} is already assigned to node "${spec.nodeName}"`)
  }
  return { ...pod, spec: { ...spec, nodeName } }
}
