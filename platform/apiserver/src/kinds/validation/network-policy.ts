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
import { validateCidr } from './formats.ts'

const protocols = ['TCP', 'UDP', 'SCTP']
const directions = ['Ingress', 'Egress']

export function validateNetworkPolicy(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const types = stringsOf(spec.policyTypes)
  return [
    ...validateSelector(objectOf(spec.podSelector), 'spec.podSelector'),
    ...validateRules(listOf(spec.ingress), 'spec.ingress', 'from'),
    ...validateRules(listOf(spec.egress), 'spec.egress', 'to'),
    ...(types.length > 2
      ? [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : types.flatMap((it, index) =>
          directions.includes(it) ? [] : [notSupported(`spec.policyTypes[${index}]`, it, directions)],
        )),
  ]
}

function validateRules(rules: readonly JsonObject[], field: string, peers: 'from' | 'to'): FieldError[] {
  return rules.flatMap((rule, index) => [
    ...listOf(rule.ports).flatMap((it, at) => validatePort(it, `${field}[${index}].ports[${at}]`)),
    ...listOf(rule[peers]).flatMap((it, at) => validatePeer(it, `${field}[${index}].${peers}[${at}]`)),
  ])
}

function validatePort({ protocol, port, endPort }: JsonObject, field: string): FieldError[] {
  const end = endPort === undefined ? [] : validateEnd(endPort, port, `${field}.endPort`)
  const own = port === undefined ? [] : validatePortOrName(port, `${field}.port`)
  return [
    ...(protocol === undefined || protocols.includes(textOf(protocol))
      ? []
      : [notSupported(`${field}.protocol`, protocol, protocols)]),
    ...(typeof port === 'string' ? [...end, ...own] : [...own, ...end]),
  ]
}

function validateEnd(end: unknown, port: unknown, field: string): FieldError[] {
  if (port === undefined) {
    return [invalidValue(field, end, 'may not be specified when `port` is not specified')]
  }
  if (typeof port === 'string') {
    return [invalidValue(field, end, 'may not be specified when `port` is non-numeric')]
  }
  const isBefore = typeof end === 'number' && typeof port === 'number' && end < port
  return [
    ...(isBefore ? [invalidValue(field, end, 'must be greater than or equal to `port`')] : []),
    ...validatePortOrName(end, field),
  ]
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

function validateBlock({ cidr, except }: JsonObject, field: string): FieldError[] {
  if (textOf(cidr) === '') return [required(`${field}.cidr`)]
  const block = parseCidr(textOf(cidr))
  if (!block) return validateCidr(textOf(cidr), `${field}.cidr`)
  return stringsOf(except).flatMap((it, index) => {
    const at = `${field}.except[${index}]`
    const part = parseCidr(it)
    if (!part) return validateCidr(it, at)
    const isStrict = contains(block, part) && part.prefix > block.prefix
    return isStrict ? [] : [invalidValue(at, it, 'must be a strict subset of `cidr`')]
  })
}
