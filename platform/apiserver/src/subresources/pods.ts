import type { JsonObject, KubeObject } from '@sluice/ports'
import { numberOf, objectOf, textOf } from '../kinds/json-fields.ts'
import { matchesLabels } from '../kinds/selector.ts'
import { writeOptions } from '../request/options.ts'
import { badRequest, conflict, internalError, statusError } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { isObject, parseBody } from '../verbs/decode.ts'
import { deleteOptions, removeObject } from '../verbs/delete.ts'
import { timestamp } from '../verbs/metadata.ts'
import { currentObject } from '../verbs/read.ts'

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** Puts a pod on a node: what a scheduler does. */
export async function bindingAnswer(core: Core, call: Call): Promise<Answer> {
  const options = writeOptions(call.query, { kind: 'CreateOptions', userAgent: call.userAgent })
  const body = parseBody(call, (why) => badRequest(why))
  const target = isObject(body) && isObject(body.target) ? body.target : {}
  const { name: node } = target
  if (typeof node !== 'string' || node === '') throw badRequest('the binding names no node')
  await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: () => false,
    next: (pod) => bound(core, call, { pod, node }),
  })
  return { status: 201, body: success }
}

function bound(
  { clock }: Core,
  { resource, name }: Call,
  { pod, node }: { readonly pod: KubeObject; readonly node: string },
): KubeObject {
  const spec = pod['spec'] as JsonObject
  if (typeof spec.nodeName === 'string' && spec.nodeName !== '') {
    throw conflict(resource, name, `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
  }
  const status = (pod['status'] ?? {}) as { readonly conditions?: readonly JsonObject[] }
  const others = (status.conditions ?? []).filter((it) => it.type !== 'PodScheduled')
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(clock),
  }
  return {
    ...pod,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  }
}

/** Deletes a pod, unless a disruption budget needs it. @throws {ApiError} TooManyRequests */
export async function evictionAnswer(core: Core, call: Call): Promise<Answer> {
  const body = parseBody(call, (why) => badRequest(why))
  const options = isObject(body) && isObject(body.deleteOptions) ? body.deleteOptions : {}
  const pod = currentObject(core, call)
  if (isWanted(pod)) checkBudgets(core, pod)
  await removeObject(core, call, deleteOptions({ ...call, body: options }))
  return { status: 201, body: success }
}

/** Whether anybody would miss the pod: one that has ended or never began counts for no budget. */
function isWanted({ metadata, ...rest }: KubeObject): boolean {
  const phase = textOf(objectOf(rest['status']).phase)
  return metadata.deletionTimestamp === undefined && !['Succeeded', 'Failed', 'Pending'].includes(phase)
}

function checkBudgets({ storage }: Core, { metadata }: KubeObject): void {
  const { objects } = storage.list(`/policy/poddisruptionbudgets/${metadata.namespace}/`)
  const budgets = objects.filter((it) => {
    const { selector } = objectOf(it['spec'])
    return selector !== undefined && matchesLabels(objectOf(selector), metadata.labels ?? {})
  })
  if (budgets.length > 1) {
    throw internalError(
      'this pod has more than one PodDisruptionBudget, which the eviction subresource does not support',
    )
  }
  for (const budget of budgets) {
    const { disruptionsAllowed, desiredHealthy, currentHealthy } = objectOf(budget['status'])
    if ((numberOf(disruptionsAllowed) ?? 0) > 0) continue
    throw statusError(429, 'TooManyRequests', {
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${budget.metadata.name} needs ${numberOf(desiredHealthy) ?? 0} healthy pods and has ${numberOf(currentHealthy) ?? 0} currently`,
          },
        ],
      },
    })
  }
}
