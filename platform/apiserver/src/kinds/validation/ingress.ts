import { isIP } from 'node:net'
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
import { dnsLabel, dnsSubdomain, pathSegment } from '../names.ts'
import { validatePortOrName } from './basic.ts'
import { validateDomainPath, validateName, validateNeededName, validateSubdomain } from './formats.ts'

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

export function validateIngress(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const rules = listOf(spec.rules)
  const isEmpty = rules.length === 0 && spec.defaultBackend === undefined
  return [
    ...(isEmpty ? [invalidValue('spec', null, 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(spec.defaultBackend === undefined
      ? []
      : validateBackend(objectOf(spec.defaultBackend), 'spec.defaultBackend')),
    ...rules.flatMap((rule, index) => validateRule(rule, `spec.rules[${index}]`)),
    ...listOf(spec.tls).flatMap((tls, index) => [
      ...stringsOf(tls.hosts).flatMap((host, at) => validateDomain(host, `spec.tls[${index}].hosts[${at}]`)),
      ...validateSubdomain(textOf(tls.secretName), `spec.tls[${index}].secretName`),
    ]),
    ...(spec.ingressClassName === undefined
      ? []
      : requireName(textOf(spec.ingressClassName), 'spec.ingressClassName')),
  ]
}

/** A name that may be left out, but not be empty. */
function requireName(name: string, field: string): FieldError[] {
  const problem = dnsSubdomain(name)
  return problem === undefined ? [] : [invalidValue(field, name, problem)]
}

/** What a new Ingress must not say in two ways. */
export function validateNewIngress(object: KubeObject): FieldError[] {
  const name = 'kubernetes.io/ingress.class'
  const annotation = object.metadata.annotations?.[name]
  const { ingressClassName } = objectOf(object['spec'])
  const isContradiction =
    annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName
  return isContradiction
    ? [
        invalidValue(
          `annotations.${name}`,
          annotation,
          'must match `ingressClassName` when both are specified',
        ),
      ]
    : []
}

function validateRule({ host, http }: JsonObject, field: string): FieldError[] {
  const name = textOf(host)
  const paths = listOf(objectOf(http).paths)
  return [
    ...(isIP(name) === 0
      ? []
      : [invalidValue(`${field}.host`, name, 'must be a DNS name, not an IP address')]),
    ...(name === '' ? [] : validateDomain(name, `${field}.host`)),
    ...(http !== undefined && paths.length === 0 ? [required(`${field}.http.paths`)] : []),
    ...paths.flatMap((path, index) => validatePath(path, `${field}.http.paths[${index}]`)),
  ]
}

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const wildcardForm =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** A domain, or all below one. */
function validateDomain(host: string, field: string): FieldError[] {
  if (!host.includes('*')) return requireName(host, field)
  return wildcard.test(host) ? [] : [invalidValue(field, host, wildcardForm)]
}

function validatePath(path: JsonObject, field: string): FieldError[] {
  const { pathType } = path
  if (pathType === undefined) return [required(`${field}.pathType`, 'pathType must be specified')]
  const type = textOf(pathType)
  return [
    ...(pathTypes.includes(type)
      ? validatePathText(textOf(path.path), type, `${field}.path`)
      : [notSupported(`${field}.pathType`, type, pathTypes)]),
    ...validateBackend(objectOf(path.backend), `${field}.backend`),
  ]
}

const illegalInPath = ['//', '/./', '/../', '%2f', '%2F']
const illegalAtEnd = ['/..', '/.']

function validatePathText(path: string, type: string, field: string): FieldError[] {
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
  if (service !== undefined && resource !== undefined) {
    return [invalidValue(field, '', 'cannot set both resource and service backends')]
  }
  if (resource !== undefined) return validateReference(objectOf(resource), `${field}.resource`)
  if (service === undefined) return [invalidValue(field, '', 'resource or service backend is required')]
  const { name, port } = objectOf(service)
  return [
    ...validateNeededName(textOf(name), `${field}.service.name`, dnsLabel),
    ...validatePort(objectOf(port), field),
  ]
}

function validatePort({ name, number }: JsonObject, field: string): FieldError[] {
  const hasName = textOf(name) !== ''
  const hasNumber = (numberOf(number) ?? 0) !== 0
  if (hasName && hasNumber) return [invalidValue(field, '', 'cannot set both port name & port number')]
  if (hasName) return validatePortOrName(name, `${field}.service.port.name`)
  return hasNumber
    ? validatePortOrName(number, `${field}.service.port.number`)
    : [required(field, 'port name or number is required')]
}

/** An object of any kind. */
function validateReference({ apiGroup, kind, name }: JsonObject, field: string): FieldError[] {
  return [
    ...(apiGroup === undefined ? [] : requireName(textOf(apiGroup), `${field}.apiGroup`)),
    ...validateNeededName(textOf(kind), `${field}.kind`, pathSegment),
    ...validateNeededName(textOf(name), `${field}.name`, pathSegment),
  ]
}

const longestController = 250
const scopes = ['Cluster', 'Namespace']

export function validateIngressClass(object: KubeObject): FieldError[] {
  const { controller, parameters } = objectOf(object['spec'])
  const field = 'spec.controller'
  const name = textOf(controller)
  return [
    ...(name.length > longestController ? [tooLong(field, longestController)] : []),
    ...validateDomainPath(name, field),
    ...(parameters === undefined ? [] : validateParameters(objectOf(parameters), 'spec.parameters')),
  ]
}

function validateParameters(parameters: JsonObject, field: string): FieldError[] {
  const { scope, namespace } = parameters
  const errors = validateReference(parameters, field)
  if (scope === undefined) return [...errors, required(`${field}.scope`)]
  if (!scopes.includes(textOf(scope))) return [...errors, notSupported(`${field}.scope`, scope, scopes)]
  const at = `${field}.namespace`
  if (scope === 'Cluster') {
    const problem = "`parameters.scope` is set to 'Cluster'"
    return namespace === undefined ? errors : [...errors, forbiddenField(at, problem)]
  }
  return namespace === undefined
    ? [...errors, required(at, "`parameters.scope` is set to 'Namespace'")]
    : [...errors, ...validateName(textOf(namespace), at, dnsLabel)]
}

export function validateIngressClassUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const { controller } = objectOf(next['spec'])
  return controller === objectOf(old['spec']).controller
    ? []
    : [invalidValue('spec.controller', controller ?? '', 'field is immutable')]
}
