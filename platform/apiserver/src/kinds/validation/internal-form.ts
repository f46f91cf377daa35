import type { JsonObject, JsonValue } from '@sluice/ports'
import { listOf, objectOf } from '../json-fields.ts'

/**
 * Fields of the structs that Kubernetes works with inside, in their order: a name and what it holds. `s` a text, `n` a
 * number, `b` a boolean, `p` anything that may be missing; with a type in `<>` that is a struct, `l` a list of structs,
 * `S` a struct that is always there. A name of its own in the API comes after `=`; `^` is a field of the struct around.
 *
 * Source: what error messages of Kubernetes 1.36 show
 */
const structs: Readonly<Record<string, string>> = {
  PodSpec:
    'Volumes:l<Volume> InitContainers:l<Container> Containers:l<Container> EphemeralContainers:p RestartPolicy:s TerminationGracePeriodSeconds:p ActiveDeadlineSeconds:p DNSPolicy:s NodeSelector:p ServiceAccountName:s AutomountServiceAccountToken:p NodeName:s SecurityContext:p<PodSecurityContext> ImagePullSecrets:l<Reference> Hostname:s Subdomain:s SetHostnameAsFQDN:p Affinity:p SchedulerName:s Tolerations:l<Toleration> HostAliases:l<HostAlias> PriorityClassName:s Priority:p PreemptionPolicy:p DNSConfig:p ReadinessGates:l<ReadinessGate> RuntimeClassName:p Overhead:p EnableServiceLinks:p TopologySpreadConstraints:p OS:p SchedulingGates:l<SchedulingGate> ResourceClaims:p Resources:p<Resources> HostnameOverride:p SchedulingGroup:p',
  Container:
    'Name:s Image:s Command:p Args:p WorkingDir:s Ports:l<ContainerPort> EnvFrom:l<EnvFrom> Env:l<EnvVar> Resources:S<Resources> ResizePolicy:p RestartPolicy:p RestartPolicyRules:p VolumeMounts:l<VolumeMount> VolumeDevices:l<VolumeDevice> LivenessProbe:p<Probe> ReadinessProbe:p<Probe> StartupProbe:p<Probe> Lifecycle:p<Lifecycle> TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:p<SecurityContext> Stdin:b StdinOnce:b TTY:b',
  ContainerPort: 'Name:s HostPort:n ContainerPort:n Protocol:s HostIP:s',
  EnvFrom: 'Prefix:s ConfigMapRef:p<OptionalReference> SecretRef:p<OptionalReference>',
  OptionalReference: 'Name:s Optional:p',
  EnvVar: 'Name:s Value:s ValueFrom:p<EnvSource>',
  EnvSource:
    'FieldRef:p<FieldRef> ResourceFieldRef:p<ResourceRef> ConfigMapKeyRef:p<KeyRef> SecretKeyRef:p<KeyRef> FileKeyRef:p<FileRef>',
  FieldRef: 'APIVersion:s FieldPath:s',
  ResourceRef: 'ContainerName:s Resource:s Divisor:s',
  KeyRef: 'Name:s Key:s Optional:p',
  FileRef: 'VolumeName:s Path:s Key:s Optional:p',
  Resources: 'Limits:p Requests:p Claims:p',
  VolumeMount: 'Name:s ReadOnly:b RecursiveReadOnly:p MountPath:s SubPath:s MountPropagation:p SubPathExpr:s',
  VolumeDevice: 'Name:s DevicePath:s',
  Probe:
    'Exec:p<Exec> HTTPGet:p<HTTPGet> TCPSocket:p<TCPSocket> GRPC:p<GRPC> InitialDelaySeconds:n TimeoutSeconds:n PeriodSeconds:n SuccessThreshold:n FailureThreshold:n TerminationGracePeriodSeconds:p',
  Exec: 'Command:p',
  HTTPGet: 'Path:s Port:p Host:s Scheme:s HTTPHeaders:l<Header>',
  Header: 'Name:s Value:s',
  TCPSocket: 'Port:p Host:s',
  GRPC: 'Port:n Service:p',
  Sleep: 'Seconds:n',
  Lifecycle: 'PostStart:p<Handler> PreStop:p<Handler> StopSignal:p',
  Handler: 'Exec:p<Exec> HTTPGet:p<HTTPGet> TCPSocket:p<TCPSocket> Sleep:p<Sleep>',
  SecurityContext:
    'Capabilities:p<Capabilities> Privileged:p SELinuxOptions:p<SELinux> WindowsOptions:p RunAsUser:p RunAsGroup:p RunAsNonRoot:p ReadOnlyRootFilesystem:p AllowPrivilegeEscalation:p ProcMount:p SeccompProfile:p<Profile> AppArmorProfile:p<Profile>',
  Capabilities: 'Add:p Drop:p',
  SELinux: 'User:s Role:s Type:s Level:s',
  Profile: 'Type:s LocalhostProfile:p',
  PodSecurityContext:
    '^HostNetwork:b ^HostPID:b ^HostIPC:b ^ShareProcessNamespace:p ^HostUsers:p SELinuxOptions:p<SELinux> WindowsOptions:p RunAsUser:p RunAsGroup:p RunAsNonRoot:p SupplementalGroups:p SupplementalGroupsPolicy:p FSGroup:p FSGroupChangePolicy:p Sysctls:l<Header> SeccompProfile:p<Profile> AppArmorProfile:p<Profile> SELinuxChangePolicy:p',
  Reference: 'Name:s',
  Toleration: 'Key:s Operator:s Value:s Effect:s TolerationSeconds:p',
  HostAlias: 'IP:s Hostnames:p',
  ReadinessGate: 'ConditionType:s',
  SchedulingGate: 'Name:s',
  Volume:
    'Name:s HostPath:p<HostPath> EmptyDir:p<EmptyDir> GCEPersistentDisk:p AWSElasticBlockStore:p GitRepo:p Secret:p<SecretVolume> NFS:p<NFS> ISCSI:p Glusterfs:p PersistentVolumeClaim:p<Claim> RBD:p Quobyte:p FlexVolume:p Cinder:p CephFS=cephfs:p Flocker:p DownwardAPI:p FC:p AzureFile:p ConfigMap:p<ConfigMapVolume> VsphereVolume:p AzureDisk:p PhotonPersistentDisk:p Projected:p PortworxVolume:p ScaleIO:p StorageOS=storageos:p CSI:p Ephemeral:p Image:p',
  HostPath: 'Path:s Type:p',
  EmptyDir: 'Medium:s SizeLimit:p',
  SecretVolume: 'SecretName:s Items:l<KeyToPath> DefaultMode:p Optional:p',
  ConfigMapVolume: 'Name:s Items:l<KeyToPath> DefaultMode:p Optional:p',
  KeyToPath: 'Key:s Path:s Mode:p',
  NFS: 'Server:s Path:s ReadOnly:b',
  Claim: 'ClaimName:s ReadOnly:b',
}

type Field = {
  readonly goName: string
  readonly jsonName: string
  readonly kind: string
  readonly type: string | undefined
  readonly isAround: boolean
}

const fields = new Map<string, readonly Field[]>()

function fieldsOf(type: string): readonly Field[] {
  let known = fields.get(type)
  if (!known) fields.set(type, (known = (structs[type] ?? '').split(' ').map(readField)))
  return known
}

function readField(text: string): Field {
  const [, around = '', goName = '', own, kind = '', type] =
    /^(\^?)(\w+)(?:=(\w+))?:(\w)(?:<(\w+)>)?$/.exec(text) ?? []
  const jsonName = own ?? goName.replace(/^(?:[A-Z]+(?![a-z])|[A-Z])/, (it) => it.toLowerCase())
  return { goName, jsonName, kind, type, isAround: around !== '' }
}

/** A pod's spec as messages show it that quote what Kubernetes works with inside. */
export function internalPodSpec(spec: JsonObject): JsonObject {
  return internal(spec, 'PodSpec', {})
}

/** Any other part of a pod in that form, by the name of its type here. */
export function internalForm(value: JsonObject, type: string): JsonObject {
  return internal(value, type, {})
}

function internal(value: JsonObject, type: string, around: JsonObject): JsonObject {
  return Object.fromEntries(
    fieldsOf(type).map((field) => {
      const own = (field.isAround ? around : value)[field.jsonName]
      return [field.goName, internalField(own, field, value)]
    }),
  )
}

function internalField(value: JsonValue | undefined, { kind, type }: Field, around: JsonObject): JsonValue {
  switch (kind) {
    case 'l':
      return value === undefined || type === undefined
        ? null
        : listOf(value).map((it) => internal(it, type, around))
    case 'S':
      return internal(objectOf(value), type ?? '', around)
    case 's':
      return value ?? ''
    case 'n':
      return value ?? 0
    case 'b':
      return value ?? false
    default:
      return value === undefined ? null : type === undefined ? value : internal(objectOf(value), type, around)
  }
}
