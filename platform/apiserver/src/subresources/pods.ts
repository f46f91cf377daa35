import type { JsonObject, KubeObject } from '@sluice/ports'
import { writeOptions } from '../request/options.ts'
import { badRequest, conflict } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { isObject, parseBody } from '../verbs/decode.ts'
import { deleteOptions, removeObject } from '../verbs/delete.ts'
import { timestamp } from '../verbs/metadata.ts'

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

/** Deletes a pod, as far as eviction goes here: disruption budgets are not counted. */
export async function evictionAnswer(core: Core, call: Call): Promise<Answer> {
  const body = parseBody(call, (why) => badRequest(why))
  const options = isObject(body) && isObject(body.deleteOptions) ? body.deleteOptions : {}
  await removeObject(core, call, deleteOptions({ ...call, body: options }))
  return { status: 201, body: success }
}
