import { isIPv4, isIPv6 } from 'node:net'
import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../../status/field-error.ts'
import { listOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validatePort } from './basic.ts'
import {
  validateAddress,
  validateLabelName,
  validateName,
  validateNeededName,
  validateOrdinaryAddress,
  validateQualifiedName,
  validateSubdomain,
} from './formats.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export function validateEndpoints(object: KubeObject): FieldError[] {
  return listOf(object['subsets']).flatMap((subset, index) => {
    const at = `subsets[${index}]`
    const ready = listOf(subset.addresses)
    const unready = listOf(subset.notReadyAddresses)
    const ports = listOf(subset.ports)
    return [
      ...(ready.length + unready.length === 0
        ? [required(at, 'must specify `addresses` or `notReadyAddresses`')]
        : []),
      ...ready.flatMap((it, position) => validateEndpoint(it, `${at}.addresses[${position}]`)),
      ...unready.flatMap((it, position) => validateEndpoint(it, `${at}.notReadyAddresses[${position}]`)),
      ...ports.flatMap((it, position) =>
        validateEndpointPort(it, `${at}.ports[${position}]`, { isOneOfMany: ports.length > 1 }),
      ),
    ]
  })
}

function validateEndpoint({ ip, hostname, nodeName }: JsonObject, field: string): FieldError[] {
  return [
    ...validateAddress(textOf(ip), `${field}.ip`),
    ...validateLabelName(textOf(hostname), `${field}.hostname`),
    ...validateSubdomain(textOf(nodeName), `${field}.nodeName`),
    ...validateOrdinaryAddress(textOf(ip), `${field}.ip`),
  ]
}

function validateEndpointPort(
  { name, port, protocol, appProtocol }: JsonObject,
  field: string,
  { isOneOfMany }: { readonly isOneOfMany: boolean },
): FieldError[] {
  const rule = isOneOfMany ? validateNeededName : validateName
  return [
    ...rule(textOf(name), `${field}.name`, dnsLabel),
    ...validatePort(port, `${field}.port`),
    ...validateProtocol(protocol, field),
    ...validateAppProtocol(appProtocol, field),
  ]
}

function validateProtocol(protocol: unknown, field: string): FieldError[] {
  const at = `${field}.protocol`
  if (textOf(protocol) === '') return [required(at)]
  return protocols.includes(textOf(protocol)) ? [] : [notSupported(at, protocol, protocols)]
}

function validateAppProtocol(protocol: unknown, field: string): FieldError[] {
  return protocol === undefined ? [] : validateQualifiedName(textOf(protocol), `${field}.appProtocol`)
}

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const mostEndpoints = 1000
const mostAddresses = 100
const mostPorts = 20_000

export function validateEndpointSlice(object: KubeObject): FieldError[] {
  const type = textOf(object['addressType'])
  const endpoints = listOf(object['endpoints'])
  return [
    ...(type === '' ? [required('addressType')] : []),
    ...(type === '' || addressTypes.includes(type) ? [] : [notSupported('addressType', type, addressTypes)]),
    ...(endpoints.length > mostEndpoints
      ? [tooMany('endpoints', endpoints.length, mostEndpoints)]
      : endpoints.flatMap((it, index) => validateSliceEndpoint(it, `endpoints[${index}]`, type))),
    ...validateSlicePorts(listOf(object['ports']), 'ports'),
  ]
}

function validateSliceEndpoint(endpoint: JsonObject, field: string, type: string): FieldError[] {
  const addresses = stringsOf(endpoint.addresses)
  const at = `${field}.addresses`
  return [
    ...(addresses.length === 0 ? [required(at, 'must contain at least 1 address')] : []),
    ...(addresses.length > mostAddresses ? [tooMany(at, addresses.length, mostAddresses)] : []),
    ...addresses.flatMap((it, index) => validateTypedAddress(it, `${at}[${index}]`, type)),
    ...validateSubdomain(textOf(endpoint.nodeName), `${field}.nodeName`),
    ...validateLabelName(textOf(endpoint.hostname), `${field}.hostname`),
  ]
}

function validateTypedAddress(address: string, field: string, type: string): FieldError[] {
  switch (type) {
    case 'IPv4':
    case 'IPv6': {
      const isFit = type === 'IPv4' ? isIPv4(address) : isIPv6(address)
      return [
        ...(isFit ? [] : [invalidValue(field, address, `must be a valid ${type} address`)]),
        ...validateOrdinaryAddress(address, field),
      ]
    }
    case 'FQDN': {
      const name = address.replace(/\.$/, '')
      const errors = validateSubdomain(name, field)
      if (errors.length > 0) return errors
      return name.includes('.')
        ? []
        : [invalidValue(field, address, 'should be a domain with at least two segments separated by dots')]
    }
    default:
      return []
  }
}

function validateSlicePorts(ports: readonly JsonObject[], field: string): FieldError[] {
  if (ports.length > mostPorts) return [tooMany(field, ports.length, mostPorts)]
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = `${field}[${index}]`
    const name = textOf(port.name)
    const isRepeated = names.has(name)
    names.add(name)
    return [
      ...validateName(name, `${at}.name`, dnsLabel),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
      ...validateProtocol(port.protocol, at),
      ...validateAppProtocol(port.appProtocol, at),
    ]
  })
}

export function validateEndpointSliceUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return next['addressType'] === old['addressType']
    ? []
    : [invalidValue('addressType', next['addressType'], 'field is immutable')]
}
