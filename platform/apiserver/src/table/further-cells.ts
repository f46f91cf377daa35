import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import type { KindCells } from './builtin-cells.ts'
import { humanDuration, since } from './format.ts'
import { isTrue, orNone, printLabels, printSelector, printSome } from './print.ts'

const spec = (object: KubeObject): JsonObject => objectOf(object['spec'])
const status = (object: KubeObject): JsonObject => objectOf(object['status'])
const count = (object: KubeObject, name: string): number => numberOf(status(object)[name]) ?? 0
const wanted = (object: KubeObject): number => numberOf(spec(object).replicas) ?? 0

const binding: KindCells = {
  Role: (object) => `${textOf(objectOf(object['roleRef']).kind)}/${textOf(objectOf(object['roleRef']).name)}`,
  Users: (object) => subjects(object, 'User'),
  Groups: (object) => subjects(object, 'Group'),
  ServiceAccounts: (object) => subjects(object, 'ServiceAccount'),
}

function subjects(object: KubeObject, kind: string): string {
  return listOf(object['subjects'])
    .filter((it) => it.kind === kind)
    .map((it) => (kind === 'ServiceAccount' ? `${textOf(it.namespace)}/${textOf(it.name)}` : textOf(it.name)))
    .join(', ')
}

function jobStatus(object: KubeObject): string {
  if (object.metadata.deletionTimestamp !== undefined && !isTrue(object, 'Complete')) return 'Terminating'
  const states: readonly (readonly [string, string])[] = [
    ['Complete', 'Complete'],
    ['Failed', 'Failed'],
    ['Suspended', 'Suspended'],
    ['FailureTarget', 'FailureTarget'],
    ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
  ]
  return states.find(([type]) => isTrue(object, type))?.[1] ?? 'Running'
}

function jobDuration(object: KubeObject, now: number): string {
  const { startTime, completionTime } = status(object)
  if (typeof startTime !== 'string') return ''
  const end = typeof completionTime === 'string' ? Date.parse(completionTime) : now
  return humanDuration(end - Date.parse(startTime))
}

function jobCompletions(object: KubeObject): string {
  const { completions, parallelism } = spec(object)
  const done = count(object, 'succeeded')
  if (completions !== undefined) return `${done}/${numberOf(completions)}`
  const most = numberOf(parallelism) ?? 0
  return most > 1 ? `${done}/1 of ${most}` : `${done}/1`
}

function ingressHosts(object: KubeObject): string {
  const hosts = listOf(spec(object).rules)
    .map((it) => textOf(it.host))
    .filter((it) => it !== '')
  return hosts.length === 0 ? '*' : printSome(hosts)
}

function targets(object: KubeObject): string {
  const { metrics, targetCPUUtilizationPercentage } = spec(object)
  if (typeof targetCPUUtilizationPercentage === 'number') {
    return `cpu: <unknown>/${targetCPUUtilizationPercentage}%`
  }
  const texts = listOf(metrics).map((metric) => {
    const { name, target } = objectOf(metric.resource)
    const { averageUtilization, averageValue } = objectOf(target)
    const goal = averageUtilization === undefined ? textOf(averageValue) : `${numberOf(averageUtilization)}%`
    return `${textOf(name)}: <unknown>/${goal}`
  })
  return texts.length === 0 ? '<none>' : texts.join(', ')
}

const autoscaler: KindCells = {
  Reference: (object) => {
    const { kind, name } = objectOf(spec(object).scaleTargetRef)
    return `${textOf(kind)}/${textOf(name)}`
  },
  Targets: targets,
  MinPods: (object) => String(numberOf(spec(object).minReplicas) ?? '<unset>'),
  MaxPods: (object) => numberOf(spec(object).maxReplicas) ?? 0,
  Replicas: (object) => count(object, 'currentReplicas'),
}

function intOrText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : 'N/A'
}

const policyBinding: KindCells = {
  PolicyName: (object) => textOf(spec(object).policyName),
  ParamRef: (object) => {
    const { namespace, name, selector } = objectOf(spec(object).paramRef)
    if (name === undefined) return selector === undefined ? '<unset>' : `selector: ${printSelector(selector)}`
    return namespace === undefined ? textOf(name) : `${textOf(namespace)}/${textOf(name)}`
  },
}

function paramKind(object: KubeObject): string {
  const { apiVersion, kind } = objectOf(spec(object).paramKind)
  return kind === undefined ? '<unset>' : `${textOf(apiVersion)}/${textOf(kind)}`
}

/** Cells of the kinds outside of the core group. */
export const furtherCells: Readonly<Record<string, KindCells>> = {
  ControllerRevision: {
    Controller: ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((it) => it.controller === true)
      return owner ? `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0]}/${owner.name}` : '<none>'
    },
    Revision: (object) => numberOf(object['revision']) ?? 0,
  },
  DaemonSet: {
    Desired: (object) => count(object, 'desiredNumberScheduled'),
    Current: (object) => count(object, 'currentNumberScheduled'),
    Ready: (object) => count(object, 'numberReady'),
    'Up-to-date': (object) => count(object, 'updatedNumberScheduled'),
    Available: (object) => count(object, 'numberAvailable'),
    'Node Selector': (object) => printLabels(objectOf(objectOf(spec(object).template).spec).nodeSelector),
  },
  Deployment: {
    Ready: (object) => `${count(object, 'readyReplicas')}/${wanted(object)}`,
    'Up-to-date': (object) => count(object, 'updatedReplicas'),
    Available: (object) => count(object, 'availableReplicas'),
  },
  StatefulSet: { Ready: (object) => `${count(object, 'readyReplicas')}/${wanted(object)}` },
  Job: { Status: jobStatus, Completions: jobCompletions, Duration: jobDuration },
  CronJob: {
    Schedule: (object) => textOf(spec(object).schedule),
    Timezone: (object) => orNone(textOf(spec(object).timeZone)),
    Suspend: (object) => (spec(object).suspend === true ? 'True' : 'False'),
    Active: (object) => listOf(status(object).active).length,
    'Last Schedule': (object, now) => {
      const { lastScheduleTime } = status(object)
      return lastScheduleTime === undefined ? '<none>' : since(lastScheduleTime, now)
    },
    Selector: () => '<none>',
  },
  HorizontalPodAutoscaler: autoscaler,
  Ingress: {
    Class: (object) => orNone(textOf(spec(object).ingressClassName)),
    Hosts: ingressHosts,
    Address: (object) =>
      listOf(objectOf(status(object).loadBalancer).ingress)
        .map((it) => textOf(it.ip) || textOf(it.hostname))
        .join(','),
    Ports: (object) => (listOf(spec(object).tls).length > 0 ? '80, 443' : '80'),
  },
  IngressClass: {
    Controller: (object) => textOf(spec(object).controller),
    Parameters: (object) => {
      const { apiGroup, kind, name } = objectOf(spec(object).parameters)
      return kind === undefined
        ? '<none>'
        : `${textOf(kind)}${apiGroup === undefined ? '' : `.${textOf(apiGroup)}`}/${textOf(name)}`
    },
  },
  NetworkPolicy: { 'Pod-Selector': (object) => printSelector(spec(object).podSelector) },
  PodDisruptionBudget: {
    'Min Available': (object) => intOrText(spec(object).minAvailable),
    'Max Unavailable': (object) => intOrText(spec(object).maxUnavailable),
    'Allowed Disruptions': (object) => count(object, 'disruptionsAllowed'),
  },
  ClusterRoleBinding: binding,
  RoleBinding: binding,
  StorageClass: {
    Provisioner: (object) => textOf(object['provisioner']),
    ReclaimPolicy: (object) => textOf(object['reclaimPolicy']) || 'Delete',
    VolumeBindingMode: (object) => textOf(object['volumeBindingMode']) || '<unset>',
    AllowVolumeExpansion: (object) => object['allowVolumeExpansion'] === true,
  },
  PriorityClass: {
    Value: (object) => numberOf(object['value']) ?? 0,
    'Global-Default': (object) => object['globalDefault'] === true,
    PreemptionPolicy: (object) => textOf(object['preemptionPolicy']),
  },
  Lease: { Holder: (object) => textOf(spec(object).holderIdentity) },
  RuntimeClass: { Handler: (object) => textOf(object['handler']) },
  EndpointSlice: {
    AddressType: (object) => textOf(object['addressType']),
    Ports: (object) =>
      printSome(listOf(object['ports']).map((it) => String(numberOf(it.port) ?? '*'))) || '<unset>',
    Endpoints: (object) => printSome(listOf(object['endpoints']).flatMap((it) => stringsOf(it.addresses))),
  },
  ValidatingAdmissionPolicy: {
    Validations: (object) => listOf(spec(object).validations).length,
    ParamKind: paramKind,
  },
  MutatingAdmissionPolicy: {
    Mutations: (object) => listOf(spec(object).mutations).length,
    ParamKind: paramKind,
  },
  ValidatingAdmissionPolicyBinding: policyBinding,
  MutatingAdmissionPolicyBinding: policyBinding,
  CSIDriver: {
    AttachRequired: (object) => spec(object).attachRequired === true,
    PodInfoOnMount: (object) => spec(object).podInfoOnMount === true,
    StorageCapacity: (object) => spec(object).storageCapacity === true,
    TokenRequests: () => '<unset>',
    RequiresRepublish: (object) => spec(object).requiresRepublish === true,
    Modes: (object) => stringsOf(spec(object).volumeLifecycleModes).join(','),
  },
  APIService: {
    Service: (object) => {
      const { namespace, name } = objectOf(spec(object).service)
      return name === undefined ? 'Local' : `${textOf(namespace)}/${textOf(name)}`
    },
    Available: (object) => (isTrue(object, 'Available') ? 'True' : 'False'),
  },
}
