import type { ApiResource } from '../registry/api-resource.ts'
import { crdStrategy } from './crd.ts'
import { dns1035Label, pathSegment } from './names.ts'
import { namespaceStrategy } from './namespace.ts'
import { secretStrategy } from './secret.ts'
import type { Strategy } from './strategy.ts'

const podFields = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
]
const eventFields = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
]
const plain: Strategy = {}
const counted: Strategy = { hasGeneration: true }

/** Strategies by `group/plural`, whatever the version. */
const strategies: ReadonlyMap<string, Strategy> = new Map<string, Strategy>([
  ['/namespaces', namespaceStrategy],
  ['/services', { nameProblem: dns1035Label, returnsDeleted: true }],
  ['/pods', { hasGeneration: true, selectableFields: podFields, returnsDeleted: true }],
  ['/serviceaccounts', { returnsDeleted: true }],
  ['/persistentvolumes', { returnsDeleted: true }],
  ['/persistentvolumeclaims', { returnsDeleted: true }],
  ['/podtemplates', { hasGeneration: true, returnsDeleted: true }],
  ['/resourcequotas', { returnsDeleted: true }],
  ['/replicationcontrollers', { hasGeneration: true, selectableFields: ['status.replicas'] }],
  ['/secrets', secretStrategy],
  ['/nodes', { selectableFields: ['spec.unschedulable'] }],
  ['/events', { selectableFields: eventFields, createsOnUpdate: true }],
  ['events.k8s.io/events', { selectableFields: eventFields }],
  ['apps/deployments', counted],
  ['apps/replicasets', { hasGeneration: true, selectableFields: ['status.replicas'] }],
  ['apps/statefulsets', counted],
  ['apps/daemonsets', counted],
  ['batch/jobs', { hasGeneration: true, selectableFields: ['status.successful'] }],
  ['batch/cronjobs', counted],
  ['networking.k8s.io/ingresses', counted],
  ['networking.k8s.io/networkpolicies', counted],
  ['networking.k8s.io/ingressclasses', counted],
  ['policy/poddisruptionbudgets', counted],
  ['discovery.k8s.io/endpointslices', counted],
  ['scheduling.k8s.io/priorityclasses', counted],
  ['flowcontrol.apiserver.k8s.io/flowschemas', counted],
  ['flowcontrol.apiserver.k8s.io/prioritylevelconfigurations', counted],
  ['admissionregistration.k8s.io/validatingadmissionpolicies', counted],
  ['admissionregistration.k8s.io/validatingadmissionpolicybindings', counted],
  ['admissionregistration.k8s.io/mutatingadmissionpolicies', counted],
  ['admissionregistration.k8s.io/mutatingadmissionpolicybindings', counted],
  ['admissionregistration.k8s.io/validatingwebhookconfigurations', counted],
  ['admissionregistration.k8s.io/mutatingwebhookconfigurations', counted],
  ['apiextensions.k8s.io/customresourcedefinitions', crdStrategy],
  ['rbac.authorization.k8s.io/roles', { nameProblem: pathSegment, createsOnUpdate: true }],
  ['rbac.authorization.k8s.io/clusterroles', { nameProblem: pathSegment, createsOnUpdate: true }],
  ['rbac.authorization.k8s.io/rolebindings', { nameProblem: pathSegment, createsOnUpdate: true }],
  ['rbac.authorization.k8s.io/clusterrolebindings', { nameProblem: pathSegment, createsOnUpdate: true }],
  ['coordination.k8s.io/leases', { createsOnUpdate: true, needsResourceVersion: true }],
])

/** What is special about a resource's kind. */
export function strategyOf({ group, plural }: ApiResource): Strategy {
  return strategies.get(`${group}/${plural}`) ?? plain
}
