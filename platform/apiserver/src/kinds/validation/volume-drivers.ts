import type { JsonObject } from '@sluice/ports'
import { type FieldError, invalidValue, required, tooLong } from '../../status/field-error.ts'
import { numberOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsSubdomain } from '../names.ts'

/** Texts, or lists of them, that a type of volume cannot do without. */
const needs: Readonly<Record<string, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  iscsi: ['targetPortal', 'iqn'],
  nfs: ['server', 'path'],
  persistentVolumeClaim: ['claimName'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  storageos: ['volumeName'],
  vsphereVolume: ['volumePath'],
}

/** What a volume of a type lacks. */
export function driverNeeds(kind: string, source: JsonObject, field: string): FieldError[] {
  return (needs[kind] ?? [])
    .filter((name) => textOf(source[name]) === '' && stringsOf(source[name]).length === 0)
    .map((name) => required(`${field}.${name}`))
}

const highestPartition = 255
const longestDriverName = 63

/** A volume of a type that something outside of Kubernetes brings, in a pod or of the cluster. */
export function validateDriver(kind: string, source: JsonObject, field: string): FieldError[] {
  const missing = driverNeeds(kind, source, field)
  switch (kind) {
    case 'csi':
      return validateDriverName(textOf(source.driver), `${field}.driver`)
    case 'nfs':
      return textOf(source.path).startsWith('/')
        ? missing
        : [...missing, invalidValue(`${field}.path`, textOf(source.path), 'must be an absolute path')]
    case 'iscsi':
      return [...missing, ...validateIscsi(source, field)]
    case 'gcePersistentDisk':
    case 'awsElasticBlockStore':
      return [...missing, ...validateNumber(source.partition, `${field}.partition`)]
    case 'fc':
      return validateFibre(source, field)
    case 'flexVolume':
      return [
        ...missing,
        ...Object.keys(objectOf(source.options))
          .filter((it) => /(^|\.)(kubernetes|k8s)\.io(\/|$)/i.test(it))
          .map((it) =>
            invalidValue(`${field}.options[${it}]`, it, 'kubernetes.io and k8s.io namespaces are reserved'),
          ),
      ]
    default:
      return missing
  }
}

export function validateDriverName(name: string, field: string): FieldError[] {
  const problem = dnsSubdomain(name.toLowerCase())
  return [
    ...(name === '' ? [required(field)] : []),
    ...(name.length > longestDriverName ? [tooLong(field, longestDriverName)] : []),
    ...(problem === undefined ? [] : [invalidValue(field, name, problem)]),
  ]
}

function validateNumber(value: unknown, field: string): FieldError[] {
  const number = numberOf(value) ?? 0
  return number >= 0 && number <= highestPartition
    ? []
    : [invalidValue(field, number, 'must be between 0 and 255, inclusive')]
}

function validateIscsi(source: JsonObject, field: string): FieldError[] {
  const name = textOf(source.iqn)
  const isKnown = /^(iqn|eui|naa)/.test(name)
  const needsSecret = source.chapAuthDiscovery === true || source.chapAuthSession === true
  return [
    ...(name === '' || isKnown
      ? []
      : [invalidValue(`${field}.iqn`, name, 'must be valid format starting with iqn, eui, or naa')]),
    ...validateNumber(source.lun, `${field}.lun`),
    ...(needsSecret && source.secretRef === undefined ? [required(`${field}.secretRef`)] : []),
  ]
}

function validateFibre(source: JsonObject, field: string): FieldError[] {
  const targets = stringsOf(source.targetWWNs)
  const ids = stringsOf(source.wwids)
  const at = `${field}.targetWWNs`
  const errors: FieldError[] = []
  if (targets.length === 0 && ids.length === 0) {
    errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'))
  }
  if (targets.length > 0 && ids.length > 0) {
    errors.push(invalidValue(at, targets, 'targetWWNs and wwids can not be specified simultaneously'))
  }
  if (targets.length === 0) return errors
  return source.lun === undefined
    ? [...errors, required(`${field}.lun`, 'lun is required if targetWWNs is specified')]
    : [...errors, ...validateNumber(source.lun, `${field}.lun`)]
}
