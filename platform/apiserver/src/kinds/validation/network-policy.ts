import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { validatePortOrName, validateSelector } from './basic.ts'
import { contains, parseCidr } from './cidr.ts'

const protocols = ['SCTP', 'TCP', 'UDP']
const directions = ['Egress', 'Ingress']

export function validateNetworkPolicy(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const types = stringsOf(spec.policyTypes)
  return [
    ...validateSelector(objectOf(spec.podSelector), 'spec.podSelector'),
    ...validateRules(listOf(spec.ingress), 'spec.ingress', 'from'),
    ...validateRules(listOf(spec.egress), 'spec.egress', 'to'),
    ...(types.length > 2
      ? [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : types
          .filter((it) => !directions.includes(it))
          .map((it) => notSupported('spec.policyTypes', it, directions))),
  ]
}

function validateRules(rules: readonly JsonObject[], field: string, peers: 'from' | 'to'): FieldError[] {
  return rules.flatMap((rule, index) => [
    ...listOf(rule.ports).flatMap((it, at) => validatePort(it, `${field}[${index}].ports[${at}]`)),
    ...listOf(rule[peers]).flatMap((it, at) => validatePeer(it, `${field}[${index}].${peers}[${at}]`)),
  ])
}

function validatePort({ protocol, port, endPort }: JsonObject, field: string): FieldError[] {
  return [
    ...(protocol === undefined || protocols.includes(textOf(protocol))
      ? []
      : [notSupported(`${field}.protocol`, protocol, protocols)]),
    ...(port === undefined ? [] : validatePortOrName(port, `${field}.port`)),
    ...(endPort === undefined ? [] : validateEnd(endPort, port, `${field}.endPort`)),
  ]
}

function validateEnd(end: unknown, port: unknown, field: string): FieldError[] {
  if (port === undefined) {
    return [invalidValue(field, end, 'must not be specified when `port` is not specified')]
  }
  if (typeof port === 'string') {
    return [invalidValue(field, end, 'must not be specified when `port` is non-numeric')]
  }
  const isBefore = typeof end === 'number' && typeof port === 'number' && end < port
  return isBefore
    ? [invalidValue(field, end, 'must be greater than or equal to `port`')]
    : validatePortOrName(end, field)
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: JsonObject, field: string): FieldError[] {
  const selectors = [
    ...(podSelector === undefined ? [] : validateSelector(objectOf(podSelector), `${field}.podSelector`)),
    ...(namespaceSelector === undefined
      ? []
      : validateSelector(objectOf(namespaceSelector), `${field}.namespaceSelector`)),
  ]
  if (ipBlock === undefined) {
    const isNone = podSelector === undefined && namespaceSelector === undefined
    return isNone ? [required(field, 'must specify a peer')] : selectors
  }
  return [
    ...selectors,
    ...validateBlock(objectOf(ipBlock), `${field}.ipBlock`),
    ...(podSelector === undefined && namespaceSelector === undefined
      ? []
      : [forbiddenField(field, 'may not specify both ipBlock and another peer')]),
  ]
}

const cidrForm = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

function validateBlock({ cidr, except }: JsonObject, field: string): FieldError[] {
  if (textOf(cidr) === '') return [required(`${field}.cidr`)]
  const block = parseCidr(textOf(cidr))
  if (!block) return [invalidValue(`${field}.cidr`, cidr, cidrForm)]
  return stringsOf(except).flatMap((it, index) => {
    const at = `${field}.except[${index}]`
    const part = parseCidr(it)
    if (!part) return [invalidValue(at, it, cidrForm)]
    const isStrict = contains(block, part) && part.prefix > block.prefix
    return isStrict ? [] : [invalidValue(at, it, 'must be a strict subset of `cidr`')]
  })
}
