import { isIP } from 'node:net'
import type { JsonObject } from '@sluice/ports'
import { type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsSubdomain } from '../names.ts'
import { validateSelector } from './basic.ts'

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution'
const nodeOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']

/** Where a pod wants to run, and beside which others. */
export function validateAffinity(affinity: JsonObject, field: string): FieldError[] {
  return [
    ...validateNodeAffinity(objectOf(affinity.nodeAffinity), `${field}.nodeAffinity`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((name) =>
      validatePodAffinity(objectOf(affinity[name]), `${field}.${name}`),
    ),
  ]
}

function validateNodeAffinity(affinity: JsonObject, field: string): FieldError[] {
  const wanted = affinity[requiredTerms]
  const terms = listOf(objectOf(wanted).nodeSelectorTerms)
  const at = `${field}.${requiredTerms}.nodeSelectorTerms`
  return [
    ...(wanted !== undefined && terms.length === 0
      ? [required(at, 'must have at least one node selector term')]
      : []),
    ...terms.flatMap((it, index) => validateNodeTerm(it, `${at}[${index}]`)),
    ...listOf(affinity[preferredTerms]).flatMap((it, index) => {
      const place = `${field}.${preferredTerms}[${index}]`
      return [
        ...validateWeight(it.weight, `${place}.weight`),
        ...validateNodeTerm(objectOf(it.preference), `${place}.preference`),
      ]
    }),
  ]
}

function validateNodeTerm(term: JsonObject, field: string): FieldError[] {
  return listOf(term.matchExpressions).flatMap(({ operator, values }, index) => {
    const at = `${field}.matchExpressions[${index}]`
    const count = stringsOf(values).length
    switch (textOf(operator)) {
      case 'In':
      case 'NotIn':
        return count === 0
          ? [required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
          : []
      case 'Gt':
      case 'Lt':
        return count === 1
          ? []
          : [required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
      default:
        return nodeOperators.includes(textOf(operator))
          ? []
          : [invalidValue(`${at}.operator`, operator ?? '', 'not a valid selector operator')]
    }
  })
}

function validatePodAffinity(affinity: JsonObject, field: string): FieldError[] {
  return [
    ...listOf(affinity[requiredTerms]).flatMap((it, index) =>
      validatePodTerm(it, `${field}.${requiredTerms}[${index}]`),
    ),
    ...listOf(affinity[preferredTerms]).flatMap((it, index) => {
      const at = `${field}.${preferredTerms}[${index}]`
      return [
        ...validateWeight(it.weight, `${at}.weight`),
        ...validatePodTerm(objectOf(it.podAffinityTerm), `${at}.podAffinityTerm`),
      ]
    }),
  ]
}

function validatePodTerm({ labelSelector, topologyKey }: JsonObject, field: string): FieldError[] {
  return [
    ...(labelSelector === undefined
      ? []
      : validateSelector(objectOf(labelSelector), `${field}.labelSelector`)),
    ...(textOf(topologyKey) === '' ? [required(`${field}.topologyKey`, 'can not be empty')] : []),
  ]
}

function validateWeight(weight: unknown, field: string): FieldError[] {
  const isIn = typeof weight === 'number' && weight >= 1 && weight <= 100
  return isIn ? [] : [invalidValue(field, weight ?? 0, 'must be in the range 1-100')]
}

const addressForm = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const maxNameservers = 3

/** How a pod finds names. */
export function validateNaming(spec: JsonObject, field: string): FieldError[] {
  const servers = stringsOf(objectOf(spec.dnsConfig).nameservers)
  const at = `${field}.dnsConfig.nameservers`
  return [
    ...listOf(spec.hostAliases).flatMap(({ ip, hostnames }, index) => {
      const place = `${field}.hostAliases[${index}]`
      return [
        ...(isIP(textOf(ip)) === 0 ? [invalidValue(`${place}.ip`, textOf(ip), addressForm)] : []),
        ...stringsOf(hostnames).flatMap((it) => {
          const problem = dnsSubdomain(it)
          return problem ? [invalidValue(`${place}.hostnames`, it, problem)] : []
        }),
      ]
    }),
    ...(spec.dnsPolicy === 'None' && servers.length === 0
      ? [required(at, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
      : []),
    ...(servers.length > maxNameservers
      ? [invalidValue(at, servers, `must not have more than ${maxNameservers} nameservers`)]
      : []),
    ...servers.flatMap((it, index) =>
      isIP(it) === 0 ? [invalidValue(`${at}[${index}]`, it, addressForm)] : [],
    ),
  ]
}

const seccompTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** The profile of system calls that a pod or container may make. */
export function validateSeccomp(profile: unknown, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile } = objectOf(profile)
  const isLocal = type === 'Localhost'
  return [
    ...(textOf(type) === ''
      ? [required(`${field}.type`, 'type is required when seccompProfile is set')]
      : seccompTypes.includes(textOf(type))
        ? []
        : [notSupported(`${field}.type`, type, seccompTypes)]),
    ...(isLocal && textOf(localhostProfile) === ''
      ? [required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')]
      : []),
    ...(!isLocal && localhostProfile !== undefined
      ? [
          invalidValue(
            `${field}.localhostProfile`,
            localhostProfile,
            'can only be set when seccomp type is Localhost',
          ),
        ]
      : []),
  ]
}
