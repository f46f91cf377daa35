import type { KubeObject } from '@sluice/ports'
import { listOf, numberOf, objectOf, textOf } from '../kinds/json-fields.ts'
import { matchesLabels } from '../kinds/selector.ts'
import { writeOptions } from '../request/options.ts'
import { notSupported, required } from '../status/field-error.ts'
import { badRequest, conflict, internalError, invalid, statusError } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { changeObject } from '../verbs/change.ts'
import { isObject, parseBody } from '../verbs/decode.ts'
import { deleteOptions, removeObject } from '../verbs/delete.ts'
import { timestamp, withMeta } from '../verbs/metadata.ts'
import { currentObject } from '../verbs/read.ts'

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/**
 * The older way to put a pod on a node: the binding is created in its own collection, and names the pod. `undefined` for
 * all other resources.
 *
 * @throws {ApiError}
 */
export async function namedBindingAnswer(core: Core, call: Call): Promise<Answer | undefined> {
  const { group, version, plural } = call.resource
  const pods = core.registry.find(group, version, 'pods')
  if (group !== '' || plural !== 'bindings' || !pods) return undefined
  const { name } = objectOf(objectOf(parseBody(call, (why) => badRequest(why))).metadata)
  return bindingAnswer(core, { ...call, resource: pods, name: textOf(name), subresource: 'binding' })
}

/** Puts a pod on a node: what a scheduler does. @throws {ApiError} Invalid or Conflict */
export async function bindingAnswer(core: Core, call: Call): Promise<Answer> {
  const options = writeOptions(call.query, { kind: 'CreateOptions', userAgent: call.userAgent })
  const body = parseBody(call, (why) => badRequest(why))
  const { metadata, target } = objectOf(body)
  const { name, uid, resourceVersion, labels, annotations } = objectOf(metadata)
  if (![undefined, '', call.name].includes(name as string | undefined)) {
    throw badRequest('name in URL does not match name in Binding object')
  }
  const { kind, name: node } = objectOf(target)
  const errors = [
    ...(kind === undefined || kind === '' || kind === 'Node'
      ? []
      : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(textOf(node) === '' ? [required('target.name')] : []),
  ]
  if (errors.length > 0) throw invalid({ group: '', kind: 'Binding' }, call.name, errors)
  await changeObject(core, call, {
    dryRun: options.dryRun,
    isConditional: () => textOf(resourceVersion) !== '',
    keepsGeneration: true,
    next: (pod) => {
      checkBindable(call, pod, { uid, resourceVersion })
      return bound(core, pod, { node: textOf(node), labels, annotations })
    },
  })
  return { status: 201, body: success }
}

function checkBindable(
  { resource, name }: Call,
  { metadata, ...pod }: KubeObject,
  wanted: { readonly uid: unknown; readonly resourceVersion: unknown },
): void {
  const refuse = (why: string): Error => conflict({ ...resource, plural: 'pods/binding' }, name, why)
  const { nodeName, schedulingGates } = objectOf(pod['spec'])
  for (const [field, shown] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const own = metadata[field] ?? ''
    const asked = textOf(wanted[field])
    if (asked !== '' && asked !== own) {
      throw refuse(`Precondition failed: ${shown} in precondition: ${asked}, ${shown} in object meta: ${own}`)
    }
  }
  if (metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  }
  if (textOf(nodeName) !== '') {
    throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(nodeName)}`)
  }
  if (listOf(schedulingGates).length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
}

/** The pod on its node, with what the binding says about it. */
function bound(
  { clock }: Core,
  pod: KubeObject,
  binding: { readonly node: string; readonly labels: unknown; readonly annotations: unknown },
): KubeObject {
  const status = objectOf(pod['status'])
  const others = listOf(status.conditions).filter((it) => it.type !== 'PodScheduled')
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: timestamp(clock),
  }
  const { labels, annotations } = pod.metadata
  return {
    ...withMeta(pod, {
      labels: joined(labels, binding.labels),
      annotations: joined(annotations, binding.annotations),
    }),
    spec: { ...objectOf(pod['spec']), nodeName: binding.node },
    status: { ...status, conditions: [...others, scheduled] },
  }
}

function joined(
  own: Readonly<Record<string, string>> | undefined,
  added: unknown,
): Readonly<Record<string, string>> | undefined {
  const texts = Object.entries(objectOf(added)).filter(
    (it): it is [string, string] => typeof it[1] === 'string',
  )
  return texts.length === 0 ? own : { ...own, ...Object.fromEntries(texts) }
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
