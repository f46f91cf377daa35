import type { JsonObject, KubeObject } from '@sluice/ports'
import { statusError } from '../status/status-error.ts'
import { withMeta } from '../verbs/metadata.ts'
import { allContainers } from './defaults/pod-template.ts'
import { defaultPod } from './defaults/workloads.ts'
import { changeItems, fill, listOf, numberOf, objectOf, textOf } from './json-fields.ts'
import { podParts } from './pod-parts.ts'
import { qosClassOf } from './quality-of-service.ts'
import type { Strategy, StrategyContext } from './strategy.ts'
import { validateNewPod, validatePod } from './validation/pod-spec.ts'
import { validatePodUpdate } from './validation/pod-update.ts'

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const notReadySeconds = 300

/** Pods: what admission of a usual cluster adds to them, and how long they may take to end. */
export const podStrategy: Strategy = {
  hasGeneration: true,
  returnsDeleted: true,
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  applyDefaults: defaultPod,
  prepareCreate: (object, context) => {
    const spec = withTolerations(withPriority(object, withAccount(object, context), context))
    return { ...object, spec, status: { phase: 'Pending', qosClass: qosClassOf(spec), ...waiting(spec) } }
  },
  graceSeconds: (object, wanted) => {
    const spec = objectOf(object['spec'])
    const phase = textOf(objectOf(object['status']).phase)
    // Nothing runs that would need time to end.
    if (textOf(spec.nodeName) === '' || phase === 'Failed' || phase === 'Succeeded') return 0
    return wanted ?? numberOf(spec.terminationGracePeriodSeconds) ?? 30
  },
  prepareUpdate: (next, old, { subresource }) => (subresource === 'status' ? withKept(next, old) : next),
  partOfSubresource: podParts,
  validate: validatePod,
  validateNew: validateNewPod,
  validateUpdate: validatePodUpdate,
}

/** A pod with gates is nothing for schedulers yet. */
function waiting({ schedulingGates }: JsonObject): JsonObject {
  if (listOf(schedulingGates).length === 0) return {}
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    lastProbeTime: null,
    lastTransitionTime: null,
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
  }
  return { conditions: [condition] }
}

/** What whoever writes a pod's status has no say in: the owners, and the class where it leaves that out. */
function withKept(next: KubeObject, old: KubeObject): KubeObject {
  const { qosClass } = objectOf(old['status'])
  const status = objectOf(next['status'])
  const isLeftOut = textOf(status.qosClass) === '' && qosClass !== undefined
  return {
    ...next,
    metadata: withMeta(next, { ownerReferences: old.metadata.ownerReferences }).metadata,
    ...(isLeftOut ? { status: { ...status, qosClass } } : {}),
  }
}

/** The service account, and its token where the pod wants one. */
function withAccount(object: KubeObject, { storage, random }: StrategyContext): JsonObject {
  const spec = objectOf(object['spec'])
  const account = textOf(spec.serviceAccountName) || 'default'
  const { namespace = '' } = object.metadata
  const stored = storage.get(`//serviceaccounts/${namespace}/${account}`)
  // The default account is on its way in a new namespace.
  if (!stored && account !== 'default') {
    throw podForbidden(
      object,
      `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`,
    )
  }
  const named = { ...spec, serviceAccountName: account, serviceAccount: account }
  const wantsToken = spec.automountServiceAccountToken ?? stored?.['automountServiceAccountToken'] ?? true
  if (wantsToken === false || allContainers(spec).every(mountsToken)) return named
  const name = `kube-api-access-${Buffer.from(random.bytes(4)).toString('hex').slice(0, 5)}`
  const mount = { name, readOnly: true, mountPath: tokenPath }
  const withMounts = ['containers', 'initContainers'].reduce(
    (current, list) =>
      changeItems(current, list, (it) =>
        mountsToken(it) ? it : { ...it, volumeMounts: [...listOf(it.volumeMounts), mount] },
      ),
    named as JsonObject,
  )
  return { ...withMounts, volumes: [...listOf(spec.volumes), tokenVolume(name)] }
}

function mountsToken(container: JsonObject): boolean {
  return listOf(container.volumeMounts).some((it) => it.mountPath === tokenPath)
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  }
}

const systemPriorities: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])

function withPriority(object: KubeObject, spec: JsonObject, { storage }: StrategyContext): JsonObject {
  const wanted = textOf(spec.priorityClassName)
  const classes = storage.list('/scheduling.k8s.io/priorityclasses/').objects
  const found = classes.find((it) =>
    wanted === '' ? it['globalDefault'] === true : it.metadata.name === wanted,
  )
  const system = systemPriorities.get(wanted)
  if (wanted !== '' && !found && system === undefined) {
    throw podForbidden(object, `no PriorityClass with name ${wanted} was found`)
  }
  return fill(
    {
      ...spec,
      ...(found ? { priorityClassName: found.metadata.name } : {}),
      priority: numberOf(found?.['value']) ?? system ?? 0,
    },
    { preemptionPolicy: textOf(found?.['preemptionPolicy']) || 'PreemptLowerPriority' },
  )
}

function podForbidden({ metadata }: KubeObject, cause: string): Error {
  const { name = '' } = metadata
  return statusError(403, 'Forbidden', {
    message: `pods ${JSON.stringify(name)} is forbidden: ${cause}`,
    details: { name, kind: 'pods' },
  })
}

/** A pod stays on a node that does not answer for five minutes, unless it says how long itself. */
function withTolerations(spec: JsonObject): JsonObject {
  const tolerations = listOf(spec.tolerations)
  const missing = ['not-ready', 'unreachable']
    .map((it) => `node.kubernetes.io/${it}`)
    .filter((key) => !tolerations.some((it) => tolerates(it, key)))
  if (missing.length === 0) return spec
  const added = missing.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: notReadySeconds,
  }))
  return { ...spec, tolerations: [...tolerations, ...added] }
}

function tolerates(toleration: JsonObject, key: string): boolean {
  const { effect = '' } = toleration
  const covers = textOf(toleration.key) === key || textOf(toleration.key) === ''
  return covers && (effect === 'NoExecute' || effect === '')
}
