import type { KubeObject } from '@sluice/ports'
import { corePathOfEvent } from '../builtin/event-versions.ts'
import type { ApiResource } from '../registry/api-resource.ts'
import { crdStrategy } from './crd.ts'
import { countTemplates } from './daemon-set.ts'
import * as others from './defaults/others.ts'
import * as storage from './defaults/storage.ts'
import * as workloads from './defaults/workloads.ts'
import { prepareJob } from './job.ts'
import { objectOf } from './json-fields.ts'
import { pathSegment } from './names.ts'
import { namespaceStrategy } from './namespace.ts'
import { podStrategy } from './pod.ts'
import { secretStrategy } from './secret.ts'
import { serviceStrategy } from './service.ts'
import { type Strategy, type StrategyContext, textAt } from './strategy.ts'
import { validateAdmissionBinding, validateAdmissionPolicy } from './validation/admission.ts'
import { validateAutoscaler } from './validation/autoscaler.ts'
import * as endpointRules from './validation/endpoints.ts'
import { validateEventUpdate, validateNewEvent } from './validation/events.ts'
import * as ingressRules from './validation/ingress.ts'
import * as jobRules from './validation/jobs.ts'
import { validateNetworkPolicy } from './validation/network-policy.ts'
import * as nodeRules from './validation/nodes.ts'
import * as rules from './validation/others.ts'
import * as volumeRules from './validation/persistent-volumes.ts'
import * as policyRules from './validation/policy.ts'
import * as quotaRules from './validation/quotas.ts'
import {
  validateClusterRole,
  validateClusterRoleBinding,
  validateRole,
  validateRoleBinding,
} from './validation/rbac.ts'
import { validateWebhooks } from './validation/webhooks.ts'
import * as workloadRules from './validation/workloads.ts'

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
const newerEventFields = [
  'regarding.kind',
  'regarding.namespace',
  'regarding.name',
  'regarding.uid',
  'regarding.apiVersion',
  'regarding.resourceVersion',
  'regarding.fieldPath',
  'reason',
  'reportingController',
  'type',
]
const plain: Strategy = {}
const counted: Strategy = { hasGeneration: true }
const role: Strategy = { nameProblem: pathSegment, createsOnUpdate: true, validate: validateRole }
const binding: Strategy = {
  ...role,
  validate: validateRoleBinding,
  applyDefaults: others.defaultBinding,
  validateUpdate: rules.validateBindingUpdate,
}
const webhooks: Strategy = { ...counted, applyDefaults: others.defaultWebhooks, validate: validateWebhooks }

const core: readonly (readonly [string, Strategy])[] = [
  ['/namespaces', namespaceStrategy],
  ['/services', serviceStrategy],
  ['/pods', podStrategy],
  ['/serviceaccounts', { returnsDeleted: true }],
  [
    '/persistentvolumes',
    {
      returnsDeleted: true,
      applyDefaults: storage.defaultVolumeObject,
      prepareCreate: (object, { now }) => ({
        ...withFinalizer(object, 'kubernetes.io/pv-protection'),
        status: { phase: 'Pending', lastPhaseTransitionTime: now },
      }),
      prepareUpdate: withPhaseTime,
      validate: volumeRules.validateVolume,
      validateUpdate: volumeRules.validateVolumeUpdate,
    },
  ],
  [
    '/persistentvolumeclaims',
    {
      returnsDeleted: true,
      applyDefaults: storage.defaultClaim,
      prepareCreate: (object) => withFinalizer(object, 'kubernetes.io/pvc-protection'),
      validate: volumeRules.validateClaim,
      validateUpdate: volumeRules.validateClaimUpdate,
    },
  ],
  [
    '/podtemplates',
    {
      ...counted,
      returnsDeleted: true,
      applyDefaults: workloads.defaultPodTemplateObject,
      validate: workloadRules.validatePodTemplateObject,
    },
  ],
  [
    '/resourcequotas',
    {
      returnsDeleted: true,
      validate: quotaRules.validateQuota,
      validateUpdate: quotaRules.validateQuotaUpdate,
    },
  ],
  [
    '/replicationcontrollers',
    {
      ...counted,
      selectableFields: ['status.replicas'],
      applyDefaults: workloads.defaultReplicationController,
      validate: workloadRules.validateReplicationController,
    },
  ],
  ['/configmaps', { validate: rules.validateConfigMap, validateUpdate: rules.validateConfigMapUpdate }],
  ['/secrets', secretStrategy],
  [
    '/nodes',
    {
      keepsStatus: true,
      selectableFields: ['spec.unschedulable'],
      validate: nodeRules.validateNode,
      validateUpdate: nodeRules.validateNodeUpdate,
    },
  ],
  [
    '/events',
    {
      selectableFields: eventFields,
      createsOnUpdate: true,
      validateNew: validateNewEvent,
    },
  ],
  [
    '/endpoints',
    {
      createsOnUpdate: true,
      applyDefaults: others.defaultEndpoints,
      validate: endpointRules.validateEndpoints,
    },
  ],
  [
    '/limitranges',
    {
      createsOnUpdate: true,
      applyDefaults: others.defaultLimitRange,
      validate: quotaRules.validateLimitRange,
    },
  ],
]

const workloadKinds: readonly (readonly [string, Strategy])[] = [
  [
    'apps/deployments',
    {
      ...counted,
      applyDefaults: workloads.defaultDeployment,
      validate: workloadRules.validateDeployment,
      validateUpdate: workloadRules.validateDeploymentUpdate,
    },
  ],
  [
    'apps/replicasets',
    {
      ...counted,
      selectableFields: ['status.replicas'],
      applyDefaults: workloads.defaultReplicaSet,
      validate: workloadRules.validateReplicaSet,
      validateUpdate: workloadRules.validateReplicaSetUpdate,
    },
  ],
  [
    'apps/statefulsets',
    {
      ...counted,
      applyDefaults: workloads.defaultStatefulSet,
      validate: workloadRules.validateStatefulSet,
      validateNew: workloadRules.validateNewStatefulSet,
      validateUpdate: workloadRules.validateStatefulSetUpdate,
    },
  ],
  [
    'apps/daemonsets',
    {
      ...counted,
      updateRulesFirst: true,
      applyDefaults: workloads.defaultDaemonSet,
      prepareUpdate: countTemplates,
      validate: workloadRules.validateDaemonSet,
      validateUpdate: workloadRules.validateDaemonSetUpdate,
    },
  ],
  [
    'batch/jobs',
    {
      ...counted,
      selectableFields: ['status.successful'],
      updateRulesFirst: true,
      applyDefaults: workloads.defaultJob,
      prepareCreate: prepareJob,
      validate: jobRules.validateJob,
      validateUpdate: jobRules.validateJobUpdate,
    },
  ],
  [
    'batch/cronjobs',
    { ...counted, applyDefaults: workloads.defaultCronJob, validate: jobRules.validateCronJob },
  ],
]

const furtherKinds: readonly (readonly [string, Strategy])[] = [
  [
    'events.k8s.io/events',
    {
      createsOnUpdate: true,
      selectableFields: newerEventFields,
      // What is deleted by selector is looked at as it is stored.
      readField: (event, field) => textAt(event, event.apiVersion === 'v1' ? corePathOfEvent(field) : field),
      validateNew: validateNewEvent,
      validateUpdate: validateEventUpdate,
    },
  ],
  [
    'autoscaling/horizontalpodautoscalers',
    { applyDefaults: others.defaultAutoscaler, validate: validateAutoscaler },
  ],
  [
    'networking.k8s.io/ingresses',
    { ...counted, validate: ingressRules.validateIngress, validateNew: ingressRules.validateNewIngress },
  ],
  [
    'networking.k8s.io/networkpolicies',
    { ...counted, applyDefaults: others.defaultNetworkPolicy, validate: validateNetworkPolicy },
  ],
  [
    'networking.k8s.io/ingressclasses',
    {
      ...counted,
      updateRulesFirst: true,
      applyDefaults: others.defaultIngressClass,
      validate: ingressRules.validateIngressClass,
      validateUpdate: ingressRules.validateIngressClassUpdate,
    },
  ],
  ['policy/poddisruptionbudgets', { ...counted, validate: policyRules.validateDisruptionBudget }],
  [
    'discovery.k8s.io/endpointslices',
    {
      ...counted,
      applyDefaults: others.defaultEndpointSlice,
      validate: endpointRules.validateEndpointSlice,
      validateUpdate: endpointRules.validateEndpointSliceUpdate,
    },
  ],
  [
    'node.k8s.io/runtimeclasses',
    { validate: nodeRules.validateRuntimeClass, validateUpdate: nodeRules.validateRuntimeClassUpdate },
  ],
  [
    'scheduling.k8s.io/priorityclasses',
    {
      ...counted,
      applyDefaults: others.defaultPriorityClass,
      validate: policyRules.validatePriorityClass,
      validateUpdate: policyRules.validatePriorityClassUpdate,
    },
  ],
  [
    'storage.k8s.io/storageclasses',
    {
      returnsDeleted: true,
      applyDefaults: storage.defaultStorageClass,
      validate: policyRules.validateStorageClass,
      validateUpdate: policyRules.validateStorageClassUpdate,
    },
  ],
  [
    'storage.k8s.io/csidrivers',
    { ...counted, applyDefaults: storage.defaultCsiDriver, validate: nodeRules.validateCsiDriver },
  ],
  ['flowcontrol.apiserver.k8s.io/flowschemas', counted],
  ['flowcontrol.apiserver.k8s.io/prioritylevelconfigurations', counted],
  [
    'admissionregistration.k8s.io/validatingadmissionpolicies',
    { ...counted, applyDefaults: others.defaultAdmissionPolicy, validate: validateAdmissionPolicy },
  ],
  [
    'admissionregistration.k8s.io/validatingadmissionpolicybindings',
    { ...counted, applyDefaults: others.defaultAdmissionBinding, validate: validateAdmissionBinding },
  ],
  [
    'admissionregistration.k8s.io/mutatingadmissionpolicies',
    { ...counted, applyDefaults: others.defaultAdmissionPolicy },
  ],
  [
    'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
    { ...counted, applyDefaults: others.defaultAdmissionBinding },
  ],
  ['admissionregistration.k8s.io/validatingwebhookconfigurations', webhooks],
  ['admissionregistration.k8s.io/mutatingwebhookconfigurations', webhooks],
  ['apiextensions.k8s.io/customresourcedefinitions', crdStrategy],
  ['rbac.authorization.k8s.io/roles', role],
  ['rbac.authorization.k8s.io/clusterroles', { ...role, validate: validateClusterRole }],
  ['rbac.authorization.k8s.io/rolebindings', binding],
  ['rbac.authorization.k8s.io/clusterrolebindings', { ...binding, validate: validateClusterRoleBinding }],
  [
    'coordination.k8s.io/leases',
    { createsOnUpdate: true, needsResourceVersion: true, validate: policyRules.validateLease },
  ],
]

/** Strategies by `group/plural`, whatever the version. */
const strategies: ReadonlyMap<string, Strategy> = new Map([...core, ...workloadKinds, ...furtherKinds])

/** What is special about a resource's kind. */
export function strategyOf({ group, plural }: Pick<ApiResource, 'group' | 'plural'>): Strategy {
  return strategies.get(`${group}/${plural}`) ?? plain
}

/** The server notes when a volume's phase changed. */
function withPhaseTime(next: KubeObject, old: KubeObject, { now }: StrategyContext): KubeObject {
  const { phase, ...rest } = objectOf(next['status'])
  if (phase === undefined || phase === objectOf(old['status']).phase) return next
  return { ...next, status: { ...rest, phase, lastPhaseTransitionTime: now } }
}

/** Protection of volumes in use: whoever runs them takes it away. */
function withFinalizer(object: KubeObject, name: string): KubeObject {
  const { finalizers = [] } = object.metadata
  if (finalizers.includes(name)) return object
  return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, name] } }
}
