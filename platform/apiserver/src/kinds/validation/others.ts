import { isIP } from 'node:net'
import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { validatePortOrName } from './basic.ts'

const configKey = /^[-._a-zA-Z0-9]+$/
const frozen = 'field is immutable when `immutable` is set'

/** Keys of a ConfigMap or Secret. */
export function validateKeys(data: unknown, field: string): FieldError[] {
  return Object.keys(objectOf(data)).flatMap((key) => {
    if (configKey.test(key) && key.length <= 253 && key !== '.' && !key.startsWith('..')) return []
    return [
      invalidValue(
        `${field}[${key}]`,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    ]
  })
}

export function validateConfigMap(object: KubeObject): FieldError[] {
  const data = objectOf(object['data'])
  const binary = objectOf(object['binaryData'])
  const both = Object.keys(data).filter((it) => Object.hasOwn(binary, it))
  return [
    ...validateKeys(data, 'data'),
    ...both.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...validateKeys(binary, 'binaryData'),
    ...(sizeOf(data) + sizeOf(binary) > maxDataBytes ? [tooLong('[]', maxDataBytes)] : []),
  ]
}

const maxDataBytes = 1024 * 1024

/** Bytes of all values. */
function sizeOf(data: JsonObject): number {
  return Object.values(data).reduce<number>((sum, it) => sum + Buffer.byteLength(textOf(it)), 0)
}

/** What an immutable ConfigMap or Secret must keep. */
export function validateFrozen(next: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  return [
    ...(next['immutable'] === true ? [] : [forbiddenField('immutable', frozen)]),
    ...fields
      .filter((field) => !jsonEqual(objectOf(next[field]), objectOf(old[field])))
      .map((field) => forbiddenField(field, frozen)),
  ]
}

export function validateConfigMapUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return validateFrozen(next, old, ['data', 'binaryData'])
}

const requiredKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
])

export function validateSecret(object: KubeObject): FieldError[] {
  const data = objectOf(object['data'])
  const type = textOf(object['type'])
  const missing = (requiredKeys.get(type) ?? []).filter((key) => !Object.hasOwn(data, key))
  const isBasic = type === 'kubernetes.io/basic-auth'
  const hasAny = Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password')
  // The limit is on what the values are, not on how they are written.
  const isTooLong = (sizeOf(data) * 3) / 4 > maxDataBytes
  return [
    ...validateKeys(data, 'data'),
    ...(isTooLong ? [tooLong('data', maxDataBytes)] : []),
    ...missing.map((key) => required(`data[${key}]`)),
    ...(isBasic && !hasAny ? [required('data[username]'), required('data[password]')] : []),
  ]
}

export function validateSecretUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return validateFrozen(next, old, ['data'])
}

export function validateClaim(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const { storage } = objectOf(objectOf(spec.resources).requests)
  return [
    ...(stringsOf(spec.accessModes).length === 0
      ? [required('spec.accessModes', 'at least 1 access mode is required')]
      : []),
    ...(storage === undefined ? [required('spec.resources[storage]')] : []),
  ]
}

/** A claim that is bound hardly changes any more, save for its size. */
export function validateClaimUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return jsonEqual(fixed(objectOf(next['spec'])), fixed(objectOf(old['spec'])))
    ? []
    : [
        forbiddenField(
          'spec',
          'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
        ),
      ]
}

function fixed(spec: JsonObject): JsonObject {
  return { ...spec, resources: undefined, volumeName: undefined, volumeAttributesClassName: undefined }
}

const volumeFields = [
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]

export function validateVolume(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const kinds = Object.keys(spec).filter((it) => !volumeFields.includes(it))
  const capacity = objectOf(spec.capacity)
  return [
    ...(stringsOf(spec.accessModes).length === 0 ? [required('spec.accessModes')] : []),
    ...(Object.keys(capacity).length === 0 ? [required('spec.capacity')] : []),
    ...(Object.keys(capacity).length === 1 && capacity.storage !== undefined
      ? []
      : [notSupported('spec.capacity', spec.capacity ?? null, ['storage'])]),
    ...(kinds.length === 0 ? [required('spec', 'must specify a volume type')] : []),
    ...kinds.slice(1).map((it) => forbiddenField(`spec.${it}`, 'may not specify more than 1 volume type')),
  ]
}

export function validateAutoscaler(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const target = objectOf(spec.scaleTargetRef)
  const least = numberOf(spec.minReplicas) ?? 1
  const most = numberOf(spec.maxReplicas) ?? 0
  return [
    ...(least < 1 ? [invalidValue('spec.minReplicas', least, 'must be greater than or equal to 1')] : []),
    ...(most < 1 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
    ...(most < least
      ? [invalidValue('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...['kind', 'name']
      .filter((name) => textOf(target[name]) === '')
      .map((name) => required(`spec.scaleTargetRef.${name}`)),
    ...(textOf(target.apiVersion) === ''
      ? [invalidValue('spec.scaleTargetRef.apiVersion', '', 'apiVersion must specify API group')]
      : []),
  ]
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

export function validateIngress(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const rules = listOf(spec.rules)
  if (rules.length === 0 && spec.defaultBackend === undefined) {
    const shown = Object.keys(spec).length === 0 ? null : spec
    return [invalidValue('spec', shown, 'either `defaultBackend` or `rules` must be specified')]
  }
  return [
    ...(spec.defaultBackend === undefined
      ? []
      : validateBackend(objectOf(spec.defaultBackend), 'spec.defaultBackend')),
    ...listOf(spec.tls).flatMap((tls, index) =>
      stringsOf(tls.hosts).flatMap((host, at) => validateHost(host, `spec.tls[${index}].hosts[${at}]`)),
    ),
    ...rules.flatMap((rule, index) => validateIngressRule(rule, `spec.rules[${index}]`)),
  ]
}

function validateIngressRule({ host, http }: JsonObject, field: string): FieldError[] {
  const paths = listOf(objectOf(http).paths)
  return [
    ...(textOf(host) === '' ? [] : validateHost(textOf(host), `${field}.host`)),
    ...(http !== undefined && paths.length === 0 ? [required(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, index) => validateIngressPath(path, `${field}.http.paths[${index}]`)),
  ]
}

function validateHost(host: string, field: string): FieldError[] {
  if (isIP(host) !== 0) return [invalidValue(field, host, 'must be a DNS name, not an IP address')]
  if (host.includes('*')) {
    return wildcard.test(host) ? [] : [invalidValue(field, host, wildcardForm)]
  }
  const problem = dnsSubdomain(host)
  return problem ? [invalidValue(field, host, problem)] : []
}

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const wildcardForm =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

function validateIngressPath(path: JsonObject, field: string): FieldError[] {
  const type = textOf(path.pathType)
  return [
    ...(type === ''
      ? [required(`${field}.pathType`, 'pathType must be specified')]
      : pathTypes.includes(type)
        ? validatePath(textOf(path.path), type, `${field}.path`)
        : [notSupported(`${field}.pathType`, type, pathTypes)]),
    ...validateBackend(objectOf(path.backend), `${field}.backend`),
  ]
}

const illegalInPath = ['//', '/./', '/../', '%2f', '%2F']
const illegalAtEnd = ['/..', '/.']

function validatePath(path: string, type: string, field: string): FieldError[] {
  const isFree = type === 'ImplementationSpecific'
  const absolute = (isFree && path === '') || path.startsWith('/') ? [] : ['must be an absolute path']
  const problems = isFree
    ? absolute
    : [
        ...absolute,
        ...illegalInPath.filter((it) => path.includes(it)).map((it) => `must not contain '${it}'`),
        ...illegalAtEnd.filter((it) => path.endsWith(it)).map((it) => `cannot end with '${it}'`),
      ]
  return problems.map((it) => invalidValue(field, path, it))
}

function validateBackend({ service, resource }: JsonObject, field: string): FieldError[] {
  if (service === undefined) {
    return resource === undefined ? [required(field, 'resource or service backend is required')] : []
  }
  if (resource !== undefined) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')]
  }
  const { name, port } = objectOf(service)
  const { name: portName, number } = objectOf(port)
  const problem = textOf(name) === '' ? undefined : dnsLabel(textOf(name))
  const hasName = textOf(portName) !== ''
  const hasNumber = (numberOf(number) ?? 0) !== 0
  return [
    ...(textOf(name) === '' ? [required(`${field}.service.name`)] : []),
    ...(problem ? [invalidValue(`${field}.service.name`, name, problem)] : []),
    ...(hasName && hasNumber ? [invalidValue(field, '', 'cannot set both port name & port number')] : []),
    ...(!hasName && !hasNumber ? [required(field, 'port name or number is required')] : []),
    ...(hasName && !hasNumber ? validatePortOrName(portName, `${field}.service.port.name`) : []),
    ...(hasNumber && !hasName ? validatePortOrName(number, `${field}.service.port.number`) : []),
  ]
}

export function validateIngressClass(object: KubeObject): FieldError[] {
  return textOf(objectOf(object['spec']).controller) === '' ? [required('spec.controller')] : []
}

export function validateBindingUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  if (jsonEqual(next['roleRef'], old['roleRef'])) return []
  const { apiGroup = '', kind = '', name = '' } = objectOf(next['roleRef'])
  return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}
