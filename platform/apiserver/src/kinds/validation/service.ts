import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { validateLabels } from '../object-meta.ts'
import { validatePort, validatePortOrName } from './basic.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const affinities = ['ClientIP', 'None']

export function validateService(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const type = textOf(spec.type)
  const ports = listOf(spec.ports)
  const isHeadless = textOf(spec.clusterIP) === 'None'
  const affinity = textOf(spec.sessionAffinity)
  const needsPorts = ports.length === 0 && !isHeadless && type !== 'ExternalName'
  return [
    ...(needsPorts ? [required('spec.ports')] : []),
    ...validateType(spec, type),
    ...validatePorts(ports, isHeadless),
    ...validateLabels(spec.selector as Readonly<Record<string, string>> | undefined, 'spec.selector'),
    ...(affinities.includes(affinity) ? [] : [notSupported('spec.sessionAffinity', affinity, affinities)]),
    ...(types.includes(type) ? [] : [notSupported('spec.type', type, types)]),
    ...validateNodePorts(ports, type),
    ...validateTraffic(spec, type),
    ...validateAddresses(spec),
  ]
}

function validateType(spec: JsonObject, type: string): FieldError[] {
  if (type === 'LoadBalancer' && textOf(spec.clusterIP) === 'None') {
    return [invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services")]
  }
  if (type === 'NodePort' && textOf(spec.clusterIP) === 'None') {
    return [invalidValue('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services")]
  }
  if (type !== 'ExternalName') return []
  const name = textOf(spec.externalName).replace(/\.$/, '')
  if (name === '') return [required('spec.externalName')]
  const problem = dnsSubdomain(name)
  return [
    ...(stringsOf(spec.clusterIPs).length > 0
      ? [forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services')]
      : []),
    ...(problem ? [invalidValue('spec.externalName', name, problem)] : []),
  ]
}

function validatePorts(ports: readonly JsonObject[], isHeadless: boolean): FieldError[] {
  const names = new Set<string>()
  const numbers = new Set<string>()
  const errors = ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const name = textOf(port.name)
    const protocol = textOf(port.protocol)
    const found: FieldError[] = []
    if (name === '' && ports.length > 1) found.push(required(`${at}.name`))
    const problem = name === '' ? undefined : dnsLabel(name)
    if (problem) found.push(invalidValue(`${at}.name`, name, problem))
    else if (name !== '' && names.has(name)) found.push(duplicate(`${at}.name`, name))
    names.add(name)
    found.push(...validatePort(port.port, `${at}.port`))
    if (protocol === '') found.push(required(`${at}.protocol`))
    else if (!protocols.includes(protocol)) found.push(notSupported(`${at}.protocol`, protocol, protocols))
    found.push(...validatePortOrName(port.targetPort, `${at}.targetPort`))
    return found
  })
  const repeated = ports.flatMap((port, index) => {
    const key = `${textOf(port.protocol)}/${JSON.stringify(port.port)}`
    if (!numbers.has(key)) {
      numbers.add(key)
      return []
    }
    const { name: _, ...shown } = port
    return isHeadless
      ? []
      : [duplicate(`spec.ports[${index}]`, { protocol: shown.protocol, port: shown.port })]
  })
  return [...errors, ...repeated]
}

const trafficPolicies = ['Cluster', 'Local']

/** Which ways traffic takes, where it comes from outside at all. */
function validateTraffic(spec: JsonObject, type: string): FieldError[] {
  const external = textOf(spec.externalTrafficPolicy)
  const internal = textOf(spec.internalTrafficPolicy)
  const isExternal = type === 'NodePort' || type === 'LoadBalancer' || stringsOf(spec.externalIPs).length > 0
  const field = 'spec.externalTrafficPolicy'
  return [
    ...(external !== '' && !isExternal
      ? [invalidValue(field, external, 'may only be set for externally-accessible services')]
      : []),
    ...(external !== '' && isExternal && !trafficPolicies.includes(external)
      ? [notSupported(field, external, trafficPolicies)]
      : []),
    ...(internal === '' || trafficPolicies.includes(internal)
      ? []
      : [notSupported('spec.internalTrafficPolicy', internal, trafficPolicies)]),
  ]
}

function validateNodePorts(ports: readonly JsonObject[], type: string): FieldError[] {
  const isOpen = type === 'NodePort' || type === 'LoadBalancer'
  return ports.flatMap(({ nodePort }, index) => {
    const field = `spec.ports[${index}].nodePort`
    if (typeof nodePort !== 'number' || nodePort === 0) return []
    if (!isOpen) return [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")]
    return nodePort < 30_000 || nodePort > 32_767
      ? [
          invalidValue(
            field,
            nodePort,
            'provided port is not in the valid range. The range of valid ports is 30000-32767',
          ),
        ]
      : []
  })
}

const address = /^(\d{1,3}\.){3}\d{1,3}$/

function validateAddresses(spec: JsonObject): FieldError[] {
  return stringsOf(spec.clusterIPs).flatMap((it, index) => {
    if (it === 'None' || address.test(it) || it.includes(':')) return []
    return [
      invalidValue(
        `spec.clusterIPs[${index}]`,
        it,
        'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ),
    ]
  })
}

export function validateServiceUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const a = objectOf(next['spec'])
  const b = objectOf(old['spec'])
  if (a.type === 'ExternalName' || b.type === 'ExternalName') return []
  const before = textOf(b.clusterIP)
  const isDual = a.ipFamilyPolicy === 'RequireDualStack' && textOf(a.clusterIP) !== 'None'
  if (isDual) {
    return [
      invalidValue(
        'spec.ipFamilyPolicy',
        a.ipFamilyPolicy,
        'this cluster is not configured for dual-stack services',
      ),
      invalidValue('spec.ipFamilies[1]', 'IPv6', 'not configured on this cluster'),
    ]
  }
  if (before === '' || before === textOf(a.clusterIP)) return []
  return [invalidValue('spec.clusterIPs[0]', stringsOf(a.clusterIPs)[0] ?? '', 'may not change once set')]
}
