import { isIPv4 } from 'node:net'
import type { JsonObject, KubeObject } from '@sluice/ports'
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
import { validateLabels } from '../object-meta.ts'
import { validatePort, validatePortOrName } from './basic.ts'
import {
  validateAddress,
  validateCidr,
  validateName,
  validateNeededName,
  validateOrdinaryAddress,
  validateQualifiedName,
  validateSubdomain,
} from './formats.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const protocols = ['SCTP', 'TCP', 'UDP']
const affinities = ['ClientIP', 'None']
const headless = 'None'

export function validateService(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const type = textOf(spec.type)
  const ports = listOf(spec.ports)
  const needsPorts = ports.length === 0 && textOf(spec.clusterIP) !== headless && type !== 'ExternalName'
  return [
    ...(needsPorts ? [required('spec.ports')] : []),
    ...validateType(spec, type),
    ...validatePorts(ports),
    ...validateLabels(spec.selector as Readonly<Record<string, string>> | undefined, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateClusterAddresses(spec),
    ...stringsOf(spec.externalIPs).flatMap((it, index) => {
      const at = `spec.externalIPs[${index}]`
      const errors = validateAddress(it, at)
      return errors.length > 0 ? errors : validateOrdinaryAddress(it, at)
    }),
    ...(types.includes(type) ? [] : [notSupported('spec.type', type, types)]),
    ...validateNodePorts(ports, type),
    ...validateUnique(ports),
    ...validateBalancer(object, spec, type),
    ...validateTraffic(spec, type),
  ]
}

function validateType(spec: JsonObject, type: string): FieldError[] {
  if ((type === 'LoadBalancer' || type === 'NodePort') && textOf(spec.clusterIP) === headless) {
    return [invalidValue('spec.clusterIPs[0]', headless, `may not be set to 'None' for ${type} services`)]
  }
  if (type !== 'ExternalName') return []
  const given = [
    ...(stringsOf(spec.clusterIPs).length > 0 ? ['clusterIPs'] : []),
    ...(stringsOf(spec.ipFamilies).length > 0 ? ['ipFamilies'] : []),
    ...(spec.ipFamilyPolicy === undefined ? [] : ['ipFamilyPolicy']),
  ]
  const name = textOf(spec.externalName).replace(/\.$/, '')
  return [
    ...given.map((it) => forbiddenField(`spec.${it}`, 'may not be set for ExternalName services')),
    ...(name === '' ? [required('spec.externalName')] : validateSubdomain(name, 'spec.externalName')),
  ]
}

function validatePorts(ports: readonly JsonObject[]): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const name = textOf(port.name)
    const protocol = textOf(port.protocol)
    const isRepeated = name !== '' && names.has(name)
    names.add(name)
    return [
      ...(ports.length > 1
        ? validateNeededName(name, `${at}.name`, dnsLabel)
        : validateName(name, `${at}.name`, dnsLabel)),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
      ...validatePort(port.port, `${at}.port`),
      ...(protocol === '' ? [required(`${at}.protocol`)] : []),
      ...(protocol === '' || protocols.includes(protocol)
        ? []
        : [notSupported(`${at}.protocol`, protocol, protocols)]),
      ...validatePortOrName(port.targetPort, `${at}.targetPort`),
      ...(port.appProtocol === undefined
        ? []
        : validateQualifiedName(textOf(port.appProtocol), `${at}.appProtocol`)),
    ]
  })
}

const longestAffinity = 86_400

function validateAffinity(spec: JsonObject): FieldError[] {
  const affinity = textOf(spec.sessionAffinity)
  const field = 'spec.sessionAffinityConfig'
  if (affinity === '') return [required('spec.sessionAffinity')]
  if (!affinities.includes(affinity)) return [notSupported('spec.sessionAffinity', affinity, affinities)]
  const { sessionAffinityConfig: config } = spec
  if (affinity === 'None') {
    return config === undefined
      ? []
      : [forbiddenField(field, 'must not be set when session affinity is None')]
  }
  const missing = 'when session affinity type is ClientIP'
  const { clientIP } = objectOf(config)
  if (config === undefined) return [required(field, missing)]
  if (clientIP === undefined) return [required(`${field}.clientIP`, missing)]
  const at = `${field}.clientIP.timeoutSeconds`
  const seconds = numberOf(objectOf(clientIP).timeoutSeconds)
  if (seconds === undefined) return [required(at, missing)]
  return seconds > 0 && seconds <= longestAffinity
    ? []
    : [invalidValue(at, seconds, `must be greater than 0 and less than ${longestAffinity}`)]
}

const families = ['IPv4', 'IPv6']
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/** The addresses within the cluster and their families, as far as they tell by themselves whether they can be. */
export function validateClusterAddresses(spec: JsonObject): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const field = 'spec.clusterIPs'
  const addresses = stringsOf(spec.clusterIPs)
  const errors = validateFamilies(spec)
  const only = "'None' must be the first and only value"
  const invalid = addresses.flatMap((it, index) => {
    if (index > 0 || it !== headless) return validateAddress(it, `${field}[${index}]`)
    return addresses.length > 1 ? [invalidValue(field, addresses, only)] : []
  })
  const tooMany = addresses.length > 2 ? [invalidValue(field, addresses, 'may only hold up to 2 values')] : []
  if (invalid.length > 0) return [...errors, ...invalid, ...tooMany]
  const [first = '', second] = addresses
  const isSameFamily = second !== undefined && isIPv4(first) === isIPv4(second)
  return [
    ...errors,
    ...tooMany,
    ...(isSameFamily
      ? [invalidValue(field, addresses, 'may specify no more than one IP for each IP family')]
      : []),
    ...(first === headless ? [] : addresses).flatMap((it, index) => {
      const family = stringsOf(spec.ipFamilies)[index]
      const isFour = isIPv4(it)
      if (family === undefined || !families.includes(family) || isFour === (family === 'IPv4')) return []
      const problem = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
      return [invalidValue(`${field}[${index}]`, it, problem)]
    }),
  ]
}

function validateFamilies({ clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }: JsonObject): FieldError[] {
  const seen = new Set<string>()
  const addresses = stringsOf(clusterIPs)
  const address = textOf(clusterIP)
  const [first] = addresses
  const errors: FieldError[] = []
  if (address !== '' && first === undefined) errors.push(required('spec.clusterIPs'))
  else if (address !== '' && first !== address) {
    errors.push(invalidValue('spec.clusterIPs', addresses, 'first value must match `clusterIP`'))
  } else if (address === '' && first !== undefined) {
    const problem = 'must be empty when `clusterIP` is not specified'
    errors.push(invalidValue('spec.clusterIPs', addresses, problem))
  }
  stringsOf(ipFamilies).forEach((it, index) => {
    const at = `spec.ipFamilies[${index}]`
    if (!families.includes(it)) errors.push(notSupported(at, it, families))
    if (seen.has(it)) errors.push(duplicate(at, it))
    seen.add(it)
  })
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(textOf(ipFamilyPolicy))) {
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, familyPolicies))
  }
  return errors
}

function validateNodePorts(ports: readonly JsonObject[], type: string): FieldError[] {
  const seen = new Set<string>()
  return ports.flatMap(({ nodePort, protocol }, index) => {
    const field = `spec.ports[${index}].nodePort`
    if (typeof nodePort !== 'number' || nodePort === 0) return []
    const key = `${textOf(protocol)}/${nodePort}`
    const isRepeated = seen.has(key)
    seen.add(key)
    return [
      ...(type === 'ClusterIP' ? [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")] : []),
      ...(isRepeated ? [duplicate(field, nodePort)] : []),
    ]
  })
}

/** No two ports can be one. */
function validateUnique(ports: readonly JsonObject[]): FieldError[] {
  const seen = new Set<string>()
  return ports.flatMap(({ port: number, protocol }, index) => {
    const port = numberOf(number) ?? 0
    const key = `${textOf(protocol)}/${port}`
    const isRepeated = seen.has(key)
    seen.add(key)
    const shown = {
      Name: '',
      Protocol: textOf(protocol),
      AppProtocol: null,
      Port: port,
      TargetPort: 0,
      NodePort: 0,
    }
    return isRepeated ? [duplicate(`spec.ports[${index}]`, shown)] : []
  })
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** What only load balancers have. */
function validateBalancer({ metadata }: KubeObject, spec: JsonObject, type: string): FieldError[] {
  const isBalancer = type === 'LoadBalancer'
  const only = "may only be used when `type` is 'LoadBalancer'"
  const ranges = stringsOf(spec.loadBalancerSourceRanges)
  const noted = metadata.annotations?.[rangesAnnotation]
  const field = 'spec.LoadBalancerSourceRanges'
  const at = `metadata.annotations[${rangesAnnotation}]`
  const errors: FieldError[] = []
  if (ranges.length > 0) {
    if (!isBalancer) errors.push(forbiddenField(field, only))
    errors.push(...ranges.flatMap((it, index) => validateCidr(it.trim(), `${field}[${index}]`)))
  } else if (noted !== undefined) {
    if (!isBalancer) errors.push(forbiddenField(at, only))
    if (noted.trim() !== '') errors.push(...noted.split(',').flatMap((it) => validateCidr(it.trim(), at)))
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isBalancer) {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', only))
  }
  if (spec.loadBalancerClass === undefined) return errors
  const classField = 'spec.loadBalancerClass'
  if (!isBalancer) return [...errors, forbiddenField(classField, only)]
  return [...errors, ...validateQualifiedName(textOf(spec.loadBalancerClass), classField)]
}

const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** Which ways traffic takes, where it comes from outside at all. */
function validateTraffic(spec: JsonObject, type: string): FieldError[] {
  const external = textOf(spec.externalTrafficPolicy)
  const internal = textOf(spec.internalTrafficPolicy)
  const isOpen = type === 'NodePort' || type === 'LoadBalancer'
  const isExternal = isOpen || (type === 'ClusterIP' && stringsOf(spec.externalIPs).length > 0)
  const field = 'spec.externalTrafficPolicy'
  const needsCheck = needsHealthCheck(spec)
  const checkPort = numberOf(spec.healthCheckNodePort) ?? 0
  const onlyLocal = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  return [
    ...(external !== '' && !isExternal
      ? [invalidValue(field, external, 'may only be set for externally-accessible services')]
      : []),
    ...(isExternal && external !== '' && !trafficPolicies.includes(external)
      ? [notSupported(field, external, trafficPolicies)]
      : []),
    ...(checkPort !== 0 && !needsCheck
      ? [invalidValue('spec.healthCheckNodePort', checkPort, onlyLocal)]
      : []),
    ...(checkPort !== 0 && needsCheck ? validatePort(checkPort, 'spec.healthCheckNodePort') : []),
    ...(internal === '' || trafficPolicies.includes(internal)
      ? []
      : [notSupported('spec.internalTrafficPolicy', internal, trafficPolicies)]),
    ...(spec.trafficDistribution === undefined || distributions.includes(textOf(spec.trafficDistribution))
      ? []
      : [notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions)]),
  ]
}

export function validateServiceUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const a = objectOf(next['spec'])
  const b = objectOf(old['spec'])
  return [...validateKeptAddresses(a, b), ...validateKeptClass(a, b), ...validateKeptCheck(a, b)]
}

/** A service keeps the address that it has, unless it had none or needs none. */
function validateKeptAddresses(next: JsonObject, old: JsonObject): FieldError[] {
  if (next.type === 'ExternalName' || old.type === 'ExternalName') return []
  const wanted = stringsOf(next.clusterIPs)
  const [before] = stringsOf(old.clusterIPs)
  const [after] = wanted
  return before === undefined || before === after
    ? []
    : [invalidValue('spec.clusterIPs[0]', wanted, 'may not change once set')]
}

function validateKeptClass(next: JsonObject, old: JsonObject): FieldError[] {
  const stays = next.type === 'LoadBalancer' && old.type === 'LoadBalancer'
  return stays && next.loadBalancerClass !== old.loadBalancerClass
    ? [invalidValue('spec.loadBalancerClass', next.loadBalancerClass ?? null, 'may not change once set')]
    : []
}

/** Whether nodes have to be asked if they have pods of the service. */
export function needsHealthCheck({ type, externalTrafficPolicy }: JsonObject): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

function validateKeptCheck(next: JsonObject, old: JsonObject): FieldError[] {
  return needsHealthCheck(next) &&
    needsHealthCheck(old) &&
    next.healthCheckNodePort !== old.healthCheckNodePort
    ? [forbiddenField('spec.healthCheckNodePort', 'field is immutable')]
    : []
}
