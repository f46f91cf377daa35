import type { StructuralSchema } from '@sluice/schema'

const core = 'io.k8s.api.core.v1.'
const apps = 'io.k8s.api.apps.v1.'
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/**
 * Optional numbers and booleans whose zero is the same as their absence, so that it is never shown. All others of that
 * kind keep a zero that someone has set: `replicas: 0` stays, `hostNetwork: false` goes.
 *
 * OpenAPI does not tell the two apart. Source: the API reference of Kubernetes 1.36, by what its answers show.
 */
const fieldsWithoutZero: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus': 'observedGeneration',
    'io.k8s.api.authorization.v1.SubjectAccessReviewStatus': 'denied',
    'io.k8s.api.autoscaling.v1.ScaleSpec': 'replicas',
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': 'currentReplicas',
    'io.k8s.api.batch.v1.JobStatus': 'active failed succeeded',
    'io.k8s.api.events.v1.Event': 'deprecatedCount',
    'io.k8s.api.networking.v1.ServiceBackendPort': 'number',
    'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': 'observedGeneration',
    'io.k8s.api.scheduling.v1.PriorityClass': 'globalDefault',
    'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec': 'insecureSkipTLSVerify',
    [`${apiextensions}CustomResourceColumnDefinition`]: 'priority',
    [`${apiextensions}CustomResourceDefinitionCondition`]: 'observedGeneration',
    [`${apiextensions}CustomResourceDefinitionSpec`]: 'preserveUnknownFields',
    [`${apiextensions}CustomResourceDefinitionStatus`]: 'observedGeneration',
    [`${apiextensions}CustomResourceDefinitionVersion`]: 'deprecated',
    [`${apiextensions}JSONSchemaProps`]:
      'exclusiveMaximum exclusiveMinimum nullable uniqueItems x-kubernetes-embedded-resource x-kubernetes-int-or-string',
    [`${apps}DaemonSetSpec`]: 'minReadySeconds',
    [`${apps}DaemonSetStatus`]: 'numberAvailable numberUnavailable observedGeneration updatedNumberScheduled',
    [`${apps}DeploymentSpec`]: 'minReadySeconds paused',
    [`${apps}DeploymentStatus`]:
      'availableReplicas observedGeneration readyReplicas replicas unavailableReplicas updatedReplicas',
    [`${apps}ReplicaSetSpec`]: 'minReadySeconds',
    [`${apps}ReplicaSetStatus`]: 'availableReplicas fullyLabeledReplicas observedGeneration readyReplicas',
    [`${apps}StatefulSetSpec`]: 'minReadySeconds',
    [`${apps}StatefulSetStatus`]: 'currentReplicas observedGeneration readyReplicas updatedReplicas',
    [`${core}AWSElasticBlockStoreVolumeSource`]: 'partition readOnly',
    [`${core}AzureFilePersistentVolumeSource`]: 'readOnly',
    [`${core}AzureFileVolumeSource`]: 'readOnly',
    [`${core}CSIPersistentVolumeSource`]: 'readOnly',
    [`${core}CephFSPersistentVolumeSource`]: 'readOnly',
    [`${core}CephFSVolumeSource`]: 'readOnly',
    [`${core}CinderPersistentVolumeSource`]: 'readOnly',
    [`${core}CinderVolumeSource`]: 'readOnly',
    [`${core}Container`]: 'stdin stdinOnce tty',
    [`${core}ContainerImage`]: 'sizeBytes',
    [`${core}ContainerPort`]: 'hostPort',
    [`${core}ContainerStateTerminated`]: 'signal',
    [`${core}EphemeralContainer`]: 'stdin stdinOnce tty',
    [`${core}Event`]: 'count',
    [`${core}EventSeries`]: 'count',
    [`${core}FCVolumeSource`]: 'readOnly',
    [`${core}FlexPersistentVolumeSource`]: 'readOnly',
    [`${core}FlexVolumeSource`]: 'readOnly',
    [`${core}GCEPersistentDiskVolumeSource`]: 'partition readOnly',
    [`${core}GlusterfsVolumeSource`]: 'readOnly',
    [`${core}GlusterfsPersistentVolumeSource`]: 'readOnly',
    [`${core}ISCSIPersistentVolumeSource`]: 'chapAuthDiscovery chapAuthSession readOnly',
    [`${core}ISCSIVolumeSource`]: 'chapAuthDiscovery chapAuthSession readOnly',
    [`${core}NFSVolumeSource`]: 'readOnly',
    [`${core}NodeSpec`]: 'unschedulable',
    [`${core}PersistentVolumeClaimVolumeSource`]: 'readOnly',
    [`${core}PodCondition`]: 'observedGeneration',
    [`${core}PodSpec`]: 'hostIPC hostNetwork hostPID',
    [`${core}PodStatus`]: 'observedGeneration',
    [`${core}PortworxVolumeSource`]: 'readOnly',
    [`${core}Probe`]: 'failureThreshold initialDelaySeconds periodSeconds successThreshold timeoutSeconds',
    [`${core}QuobyteVolumeSource`]: 'readOnly',
    [`${core}RBDPersistentVolumeSource`]: 'readOnly',
    [`${core}RBDVolumeSource`]: 'readOnly',
    [`${core}ReplicationControllerSpec`]: 'minReadySeconds',
    [`${core}ReplicationControllerStatus`]:
      'availableReplicas fullyLabeledReplicas observedGeneration readyReplicas',
    [`${core}ScaleIOPersistentVolumeSource`]: 'readOnly sslEnabled',
    [`${core}ScaleIOVolumeSource`]: 'readOnly sslEnabled',
    [`${core}ServicePort`]: 'nodePort',
    [`${core}ServiceSpec`]: 'healthCheckNodePort publishNotReadyAddresses',
    [`${core}StorageOSPersistentVolumeSource`]: 'readOnly',
    [`${core}StorageOSVolumeSource`]: 'readOnly',
    [`${core}VolumeMount`]: 'readOnly',
    [`${core}VolumeMountStatus`]: 'readOnly',
    [`${meta}Condition`]: 'observedGeneration',
    [`${meta}ObjectMeta`]: 'generation',
    [`${meta}Status`]: 'code',
  }).map(([name, fields]) => [name, new Set(fields.split(' '))]),
)

/** Optional texts that may be empty, which is then not the same as their absence. */
const emptyTexts: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    [`${core}HostPathVolumeSource`]: 'type',
    [`${core}GRPCAction`]: 'service',
    [`${core}PersistentVolumeClaimSpec`]: 'storageClassName volumeAttributesClassName volumeMode',
    [`${core}TypedLocalObjectReference`]: 'apiGroup',
    [`${core}TypedObjectReference`]: 'apiGroup namespace',
    [`${core}SeccompProfile`]: 'localhostProfile',
    [`${core}AppArmorProfile`]: 'localhostProfile',
    [`${core}PodSpec`]: 'runtimeClassName preemptionPolicy hostnameOverride',
    [`${core}ServicePort`]: 'appProtocol',
    [`${core}ServiceSpec`]: 'loadBalancerClass',
    'io.k8s.api.coordination.v1.LeaseSpec': 'holderIdentity strategy preferredHolder',
    'io.k8s.api.batch.v1.CronJobSpec': 'timeZone',
    'io.k8s.api.batch.v1.JobSpec': 'managedBy',
    'io.k8s.api.networking.v1.IngressSpec': 'ingressClassName',
    'io.k8s.api.networking.v1.IngressClassParametersReference': 'apiGroup namespace scope',
    'io.k8s.api.discovery.v1.EndpointPort': 'name protocol appProtocol',
    'io.k8s.api.discovery.v1.Endpoint': 'hostname nodeName zone',
    'io.k8s.api.storage.v1.StorageClass': 'reclaimPolicy volumeBindingMode',
    'io.k8s.api.storage.v1.VolumeAttachmentSource': 'persistentVolumeName',
  }).map(([name, fields]) => [name, new Set(fields.split(' '))]),
)

/** Times and lists that are shown as null when they are not set. */
const nulls: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    [`${apiextensions}CustomResourceDefinitionCondition`]: 'lastTransitionTime',
    [`${apps}DaemonSetCondition`]: 'lastTransitionTime',
    [`${apps}DeploymentCondition`]: 'lastTransitionTime lastUpdateTime',
    [`${apps}ReplicaSetCondition`]: 'lastTransitionTime',
    [`${apps}StatefulSetCondition`]: 'lastTransitionTime',
    [`${core}ContainerStateRunning`]: 'startedAt',
    [`${core}ContainerStateTerminated`]: 'finishedAt startedAt',
    [`${core}Event`]: 'eventTime firstTimestamp lastTimestamp',
    [`${core}NamespaceCondition`]: 'lastTransitionTime',
    [`${core}NodeCondition`]: 'lastHeartbeatTime lastTransitionTime',
    [`${core}PersistentVolumeClaimCondition`]: 'lastProbeTime lastTransitionTime',
    [`${core}PodCondition`]: 'lastProbeTime lastTransitionTime',
    [`${core}ReplicationControllerCondition`]: 'lastTransitionTime',
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition': 'lastTransitionTime',
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': 'currentMetrics',
    'io.k8s.api.batch.v1.JobCondition': 'lastProbeTime lastTransitionTime',
    'io.k8s.api.certificates.v1.CertificateSigningRequestCondition': 'lastTransitionTime lastUpdateTime',
    'io.k8s.api.discovery.v1.EndpointSlice': 'endpoints ports',
    'io.k8s.api.rbac.v1.ClusterRole': 'rules',
    'io.k8s.api.rbac.v1.Role': 'rules',
    'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition': 'lastTransitionTime',
    'io.k8s.api.events.v1.Event': 'eventTime deprecatedFirstTimestamp deprecatedLastTimestamp',
  }).map(([name, fields]) => [name, new Set(fields.split(' '))]),
)

/** Lists that must be given, but are left out all the same while they are empty. */
const omittedLists: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
    new Set(['validationActions']),
  ],
])

export function isOmittedList(type: StructuralSchema, name: string): boolean {
  return omittedLists.get(type.definition)?.has(name) ?? false
}

/** Whether the zero of this field's type is left out. */
export function leavesOutZero(type: StructuralSchema, name: string, zero: '' | 0 | false): boolean {
  return zero === ''
    ? !(emptyTexts.get(type.definition)?.has(name) ?? false)
    : (fieldsWithoutZero.get(type.definition)?.has(name) ?? false)
}

export function isNullWhenAbsent(type: StructuralSchema, name: string): boolean {
  return nulls.get(type.definition)?.has(name) ?? false
}

/** The fields of a type that are shown as null when they are not set. */
export function nullsOf(type: StructuralSchema): Iterable<string> {
  return nulls.get(type.definition) ?? []
}
