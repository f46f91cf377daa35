import type { JsonObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validateFieldRef, validateResourceFieldRef } from './environment.ts'
import {
  validateDescendingPath,
  validateNeededName,
  validateNoBacksteps,
  validateSubdomain,
  validateVolumePath,
} from './formats.ts'
import { validateClaimSpec } from './persistent-volumes.ts'
import { driverNeeds, validateDriver } from './volume-drivers.ts'

/** The types of volumes in the order in which Kubernetes looks for them. */
const kinds = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
]

/** The volumes of a pod, named once and each of one type: what is wrong, and those that nothing is wrong with by name. */
export function validateVolumes(
  volumes: readonly JsonObject[],
  field: string,
): { readonly errors: readonly FieldError[]; readonly valid: ReadonlyMap<string, JsonObject> } {
  const valid = new Map<string, JsonObject>()
  const errors = volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`
    const name = textOf(volume.name)
    const found = [
      ...validateTypes(volume, at),
      ...validateNeededName(name, `${at}.name`, dnsLabel),
      ...(valid.has(name) ? [duplicate(`${at}.name`, name)] : []),
    ]
    if (found.length === 0) valid.set(name, volume)
    return found
  })
  return { errors, valid }
}

function validateTypes(volume: JsonObject, field: string): FieldError[] {
  const [first, ...others] = kinds.filter((it) => volume[it] !== undefined)
  if (first === undefined) return [required(field, 'must specify a volume type')]
  return [
    ...validateSource(first, objectOf(volume[first]), `${field}.${first}`),
    ...others.map((it) => forbiddenField(`${field}.${it}`, 'may not specify more than 1 volume type')),
  ]
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]
const filePaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]
const pullPolicies = ['Always', 'IfNotPresent', 'Never']

function validateSource(kind: string, source: JsonObject, field: string): FieldError[] {
  switch (kind) {
    case 'configMap':
      return validateKeys(source, field, 'name')
    case 'secret':
      return validateKeys(source, field, 'secretName')
    case 'downwardAPI':
      return [
        ...validateMode(source.defaultMode, `${field}.defaultMode`),
        ...listOf(source.items).flatMap((it) => validateFile(it, field)),
      ]
    case 'hostPath':
      return validateHostPath(source, field)
    case 'gitRepo':
      return [
        ...driverNeeds(kind, source, field),
        ...validateDescendingPath(textOf(source.directory), `${field}.directory`),
      ]
    case 'projected':
      return validateProjected(source, field)
    case 'ephemeral':
      return source.volumeClaimTemplate === undefined
        ? [required(`${field}.volumeClaimTemplate`)]
        : validateClaimSpec(
            objectOf(objectOf(source.volumeClaimTemplate).spec),
            `${field}.volumeClaimTemplate.spec`,
          )
    case 'image':
      return source.pullPolicy === undefined || pullPolicies.includes(textOf(source.pullPolicy))
        ? driverNeeds(kind, source, field)
        : [notSupported(`${field}.pullPolicy`, source.pullPolicy, pullPolicies)]
    case 'csi':
      return [
        ...validateDriver(kind, source, field),
        ...(source.nodePublishSecretRef === undefined
          ? []
          : validateSecretRef(objectOf(source.nodePublishSecretRef), field)),
      ]
    default:
      return validateDriver(kind, source, field)
  }
}

function validateSecretRef({ name }: JsonObject, field: string): FieldError[] {
  const text = textOf(name)
  return text === ''
    ? [required(`${field}.nodePublishSecretRef.name`)]
    : validateSubdomain(text, `${field}.name`)
}

/** A path of the machine. */
export function validateHostPath({ path, type }: JsonObject, field: string): FieldError[] {
  if (textOf(path) === '') return [required(`${field}.path`)]
  return [
    ...validateNoBacksteps(textOf(path), `${field}.path`),
    ...(hostPathTypes.includes(textOf(type)) ? [] : [notSupported(`${field}.type`, type, hostPathTypes)]),
  ]
}

function validateMode(mode: unknown, field: string): FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= 0o777)) return []
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

/** The keys of a ConfigMap or Secret as files. */
function validateKeys(source: JsonObject, field: string, nameField: string): FieldError[] {
  return [
    ...(textOf(source[nameField]) === '' ? [required(`${field}.${nameField}`)] : []),
    ...validateMode(source.defaultMode, `${field}.defaultMode`),
    ...listOf(source.items).flatMap((it, index) => {
      const at = `${field}.items[${index}]`
      return [
        ...(textOf(it.key) === '' ? [required(`${at}.key`)] : []),
        ...validateVolumePath(textOf(it.path), `${at}.path`),
        ...validateMode(it.mode, `${at}.mode`),
      ]
    }),
  ]
}

/** What a pod knows of itself, as a file. */
function validateFile(file: JsonObject, field: string): FieldError[] {
  const { fieldRef, resourceFieldRef } = file
  const errors = validateVolumePath(textOf(file.path), `${field}.path`)
  if (fieldRef !== undefined) {
    errors.push(...validateFieldRef(objectOf(fieldRef), `${field}.fieldRef`, filePaths))
    if (resourceFieldRef !== undefined) {
      const problem = 'fieldRef and resourceFieldRef can not be specified simultaneously'
      errors.push(invalidValue(field, 'resource', problem))
    }
  } else if (resourceFieldRef === undefined) {
    errors.push(required(field, 'one of fieldRef and resourceFieldRef is required'))
  } else {
    const place = { isVolume: true }
    errors.push(...validateResourceFieldRef(objectOf(resourceFieldRef), `${field}.resourceFieldRef`, place))
  }
  return [...errors, ...validateMode(file.mode, `${field}.mode`)]
}

const shortestToken = 600
const longestToken = 2 ** 32
const projections = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
]

function validateProjected(source: JsonObject, field: string): FieldError[] {
  const taken = new Set<string>()
  return [
    ...validateMode(source.defaultMode, `${field}.defaultMode`),
    ...listOf(source.sources).flatMap((projection, index) => {
      const at = `${field}.sources[${index}]`
      const given = projections.filter((it) => projection[it] !== undefined)
      return [
        ...given.flatMap((kind) => [
          ...validateProjection(kind, objectOf(projection[kind]), { at: `${at}.${kind}`, field }),
          ...validatePathsOnce(kind, objectOf(projection[kind]), { taken, field }),
        ]),
        ...(given.length > 1
          ? [forbiddenField(at, 'may not specify more than 1 volume type per source')]
          : []),
      ]
    }),
  ]
}

function validateProjection(
  kind: string,
  source: JsonObject,
  { at, field }: { readonly at: string; readonly field: string },
): FieldError[] {
  switch (kind) {
    case 'secret':
    case 'configMap':
      return validateKeys(source, at, 'name')
    case 'downwardAPI':
      return listOf(source.items).flatMap((it) => validateFile(it, at))
    case 'serviceAccountToken':
      return [
        ...validateTokenTime(numberOf(source.expirationSeconds), `${at}.expirationSeconds`),
        ...validateVolumePath(textOf(source.path), `${field}.path`),
      ]
    case 'clusterTrustBundle':
      return [
        ...validateBundle(source, at),
        ...(textOf(source.path) === '' ? [required(`${at}.path`)] : []),
        ...(textOf(source.path) === '' ? [] : validateVolumePath(textOf(source.path), `${at}.path`)),
      ]
    default:
      return []
  }
}

function validateTokenTime(seconds: number | undefined, field: string): FieldError[] {
  if (seconds === undefined) return []
  if (seconds < shortestToken) {
    return [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')]
  }
  return seconds > longestToken
    ? [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

function validateBundle({ name, signerName }: JsonObject, field: string): FieldError[] {
  if (name !== undefined && signerName !== undefined) {
    return [invalidValue(field, { name, signerName }, 'only one of name and signerName may be used')]
  }
  if (name !== undefined) {
    return textOf(name) === '' ? [required(`${field}.name`, 'must be a valid object name')] : []
  }
  if (signerName === undefined) return [required(field, 'either name or signerName must be specified')]
  return textOf(signerName) === '' ? [required(`${field}.signerName`, 'must be a valid signer name')] : []
}

/** No two files of a volume can be in one place. */
function validatePathsOnce(
  kind: string,
  source: JsonObject,
  { taken, field }: { readonly taken: Set<string>; readonly field: string },
): FieldError[] {
  const isOne = kind === 'clusterTrustBundle'
  const paths = isOne ? [textOf(source.path)] : listOf(source.items).map((it) => textOf(it.path))
  const isNamed = kind === 'secret' || kind === 'configMap'
  return stringsOf(paths).flatMap((path) => {
    if (path === '') return []
    const isTaken = taken.has(path)
    taken.add(path)
    return isTaken
      ? [invalidValue(field, isNamed ? textOf(source.name) : path, 'conflicting duplicate paths')]
      : []
  })
}
