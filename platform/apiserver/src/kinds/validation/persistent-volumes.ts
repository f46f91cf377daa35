import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { compareQuantities } from '../quantity.ts'
import { validateSelector } from './basic.ts'
import { validateName, validateNeededName, validateNoBacksteps, validateSubdomain } from './formats.ts'
import { validateNodeSelector } from './pod-placement.ts'
import { validateDriver } from './volume-drivers.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const volumeModes = ['Block', 'Filesystem']
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

export function validateClaim(object: KubeObject): FieldError[] {
  return validateClaimSpec(objectOf(object['spec']), 'spec')
}

/** What a claim asks for, of its own or in a template. */
export function validateClaimSpec(spec: JsonObject, field: string): FieldError[] {
  const { storage } = objectOf(objectOf(spec.resources).requests)
  const amount = `${field}.resources[storage]`
  return [
    ...(stringsOf(spec.accessModes).length === 0
      ? [required(`${field}.accessModes`, 'at least 1 access mode is required')]
      : []),
    ...(spec.selector === undefined ? [] : validateSelector(objectOf(spec.selector), `${field}.selector`)),
    ...validateModes(spec, field),
    ...(storage === undefined ? [required(amount)] : []),
    ...(storage !== undefined && compareQuantities(storage, '0') <= 0
      ? [invalidValue(amount, storage, 'must be greater than zero')]
      : []),
    ...validateSubdomain(textOf(spec.storageClassName), `${field}.storageClassName`),
    ...validateVolumeMode(spec, field),
    ...['dataSource', 'dataSourceRef'].flatMap((name) =>
      spec[name] === undefined ? [] : validateDataSource(objectOf(spec[name]), `${field}.${name}`),
    ),
    ...validateSubdomain(textOf(spec.volumeAttributesClassName), `${field}.volumeAttributesClassName`),
  ]
}

/** Who may use a volume, and how many at once. */
function validateModes(spec: JsonObject, field: string): FieldError[] {
  const at = `${field}.accessModes`
  const modes = stringsOf(spec.accessModes)
  const known = modes.filter((it) => accessModes.includes(it))
  const isMixed = known.includes('ReadWriteOncePod') && known.some((it) => it !== 'ReadWriteOncePod')
  return [
    ...modes.filter((it) => !accessModes.includes(it)).map((it) => notSupported(at, it, accessModes)),
    ...(isMixed ? [forbiddenField(at, 'may not use ReadWriteOncePod with other access modes')] : []),
  ]
}

function validateVolumeMode({ volumeMode: mode }: JsonObject, field: string): FieldError[] {
  return mode === undefined || volumeModes.includes(textOf(mode))
    ? []
    : [notSupported(`${field}.volumeMode`, mode, volumeModes)]
}

function validateDataSource(source: JsonObject, field: string): FieldError[] {
  const group = textOf(source.apiGroup)
  const kind = textOf(source.kind)
  const isForeign = group === '' && kind !== 'PersistentVolumeClaim'
  const problem = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
  return [
    ...(textOf(source.name) === '' ? [required(`${field}.name`)] : []),
    ...(kind === '' ? [required(`${field}.kind`)] : []),
    ...(isForeign ? [invalidValue(field, kind, problem)] : []),
    ...validateSubdomain(group, `${field}.apiGroup`),
    ...validateName(textOf(source.namespace), `${field}.namespace`, dnsLabel),
  ]
}

/** A claim hardly changes any more, save for its size once it is bound. */
export function validateClaimUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = objectOf(next['spec'])
  const current = objectOf(old['spec'])
  const isBound = textOf(objectOf(next['status']).phase) === 'Bound'
  const size = storageOf(wanted)
  const capacity = objectOf(objectOf(old['status']).capacity).storage ?? '0'
  const isSmaller = compareQuantities(size, storageOf(current)) < 0
  return [
    ...(jsonEqual(fixed(wanted, current, isBound), fixed(current, current, isBound))
      ? []
      : [
          forbiddenField(
            'spec',
            'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          ),
        ]),
    ...(isSmaller && compareQuantities(size, capacity) <= 0
      ? [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
      : []),
    ...(wanted.volumeMode === current.volumeMode
      ? []
      : [invalidValue('volumeMode', wanted.volumeMode ?? null, 'field is immutable')]),
    ...validateAttributesClass(wanted, current),
  ]
}

function storageOf(spec: JsonObject): unknown {
  return objectOf(objectOf(spec.resources).requests).storage
}

/** A spec without what may differ from `old`. */
function fixed(spec: JsonObject, old: JsonObject, isBound: boolean): JsonObject {
  return {
    ...spec,
    ...(textOf(old.volumeName) === '' ? { volumeName: undefined } : {}),
    ...(old.storageClassName === undefined ? { storageClassName: undefined } : {}),
    ...(isBound ? { resources: undefined, volumeAttributesClassName: undefined } : {}),
  }
}

function validateAttributesClass(next: JsonObject, old: JsonObject): FieldError[] {
  const field = 'spec.volumeAttributesClassName'
  const { volumeAttributesClassName: wanted } = next
  if (old.volumeAttributesClassName === undefined || wanted === old.volumeAttributesClassName) return []
  if (wanted === undefined) return [forbiddenField(field, 'update from non-nil value to nil is forbidden')]
  return wanted === ''
    ? [forbiddenField(field, 'update from non-nil value to an empty string is forbidden')]
    : []
}

/** The types of volumes of the cluster in the order in which Kubernetes looks for them. */
const volumeTypes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
]

function typesOf(spec: JsonObject): readonly string[] {
  return volumeTypes.filter((it) => spec[it] !== undefined)
}

export function validateVolume(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const [first, ...others] = typesOf(spec)
  const policy = textOf(spec.persistentVolumeReclaimPolicy)
  const rootPath = objectOf(spec.hostPath).path
  return [
    ...(stringsOf(spec.accessModes).length === 0 ? [required('spec.accessModes')] : []),
    ...validateModes(spec, 'spec'),
    ...validateCapacity(spec),
    ...(policy === '' || reclaimPolicies.includes(policy)
      ? []
      : [notSupported('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies)]),
    ...validateVolumeAffinity(spec.nodeAffinity),
    ...(first === undefined
      ? [required('spec', 'must specify a volume type')]
      : validateVolumeType(first, spec, `spec.${first}`)),
    ...others.map((it) => forbiddenField(`spec.${it}`, 'may not specify more than 1 volume type')),
    ...(rootPath === '/' && policy === 'Recycle'
      ? [
          forbiddenField(
            'spec.persistentVolumeReclaimPolicy',
            "may not be 'recycle' for a hostPath mount of '/'",
          ),
        ]
      : []),
    ...validateSubdomain(textOf(spec.storageClassName), 'spec.storageClassName'),
    ...validateVolumeMode(spec, 'spec'),
  ]
}

function validateCapacity({ capacity }: JsonObject): FieldError[] {
  const amounts = objectOf(capacity)
  const names = Object.keys(amounts)
  return [
    ...(names.length === 0 ? [required('spec.capacity')] : []),
    ...(names.length === 1 && amounts.storage !== undefined
      ? []
      : [notSupported('spec.capacity', capacity ?? null, ['storage'])]),
    ...names.flatMap((name) =>
      compareQuantities(amounts[name], '0') <= 0
        ? [invalidValue(`spec.capacity[${name}]`, amounts[name], 'must be greater than zero')]
        : [],
    ),
  ]
}

function validateVolumeAffinity(affinity: unknown): FieldError[] {
  if (affinity === undefined) return []
  const { required: wanted } = objectOf(affinity)
  return wanted === undefined
    ? [required('spec.nodeAffinity.required', 'must specify required node constraints')]
    : validateNodeSelector(objectOf(wanted), 'spec.nodeAffinity.required')
}

const secretRefs = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

function validateVolumeType(kind: string, spec: JsonObject, field: string): FieldError[] {
  const source = objectOf(spec[kind])
  switch (kind) {
    case 'hostPath':
    case 'local': {
      const path = textOf(source.path)
      return [
        ...(path === '' ? [required(`${field}.path`)] : validateNoBacksteps(path, `${field}.path`)),
        ...(kind === 'local' && spec.nodeAffinity === undefined
          ? [required('spec.nodeAffinity', 'Local volume requires node affinity')]
          : []),
      ]
    }
    case 'csi':
      return [
        ...validateDriver(kind, source, field),
        ...(textOf(source.volumeHandle) === '' ? [required(`${field}.volumeHandle`)] : []),
        ...secretRefs.flatMap((name) =>
          source[name] === undefined
            ? []
            : [
                ...validateNeededName(
                  textOf(objectOf(source[name]).name),
                  `${field}.${name}.name`,
                  dnsSubdomain,
                ),
                ...validateNeededName(
                  textOf(objectOf(source[name]).namespace),
                  `${field}.${name}.namespace`,
                  dnsLabel,
                ),
              ],
        ),
      ]
    default:
      return validateDriver(kind, source, field)
  }
}

/** Where a volume is does not change. */
export function validateVolumeUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = objectOf(next['spec'])
  const current = objectOf(old['spec'])
  const source = (spec: JsonObject): JsonObject =>
    Object.fromEntries(typesOf(spec).map((it) => [it, withoutNewSecret(it, objectOf(spec[it]), current)]))
  return [
    ...(jsonEqual(source(wanted), source(current))
      ? []
      : [
          forbiddenField(
            'spec.persistentvolumesource',
            'spec.persistentvolumesource is immutable after creation',
          ),
        ]),
    ...(wanted.volumeMode === current.volumeMode
      ? []
      : [invalidValue('volumeMode', wanted.volumeMode ?? null, 'field is immutable')]),
    ...(current.nodeAffinity === undefined || jsonEqual(wanted.nodeAffinity, current.nodeAffinity)
      ? []
      : [invalidValue('nodeAffinity', wanted.nodeAffinity ?? null, 'field is immutable')]),
  ]
}

/** The secret for growing a volume may be named later. */
function withoutNewSecret(kind: string, source: JsonObject, old: JsonObject): JsonObject {
  const isNew = kind === 'csi' && objectOf(old.csi).controllerExpandSecretRef === undefined
  return isNew ? { ...source, controllerExpandSecretRef: undefined } : source
}
