import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, invalidValue } from '../status/field-error.ts'
import { invalid } from '../status/status-error.ts'
import { defaultService, isExternal } from './defaults/others.ts'
import { fill, listOf, objectOf, stringsOf, textOf } from './json-fields.ts'
import { dnsLabel } from './names.ts'
import type { Strategy } from './strategy.ts'
import {
  needsHealthCheck,
  validateClusterAddresses,
  validateService,
  validateServiceUpdate,
} from './validation/service.ts'

const headless = 'None'

/** Services get their addresses from the server. */
export const serviceStrategy: Strategy = {
  nameProblem: dnsLabel,
  returnsDeleted: true,
  selectableFields: ['spec.clusterIP', 'spec.type'],
  applyDefaults: defaultService,
  prepareCreate: (object, { storage, random }) =>
    allocateService(
      withSameAddresses(object, undefined),
      allocationsOf(storage.list(servicePrefix).objects),
      () => random.float(),
    ),
  prepareUpdate: (next, old, { storage, random, subresource }) => {
    if (subresource !== '') return next
    const others = storage.list(servicePrefix).objects.filter((it) => it.metadata.uid !== old.metadata.uid)
    const same = withSameAddresses(withFormer(withoutForType(next, old), old), old)
    return allocateService(same, allocationsOf(others), () => random.float())
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
}

const servicePrefix = '//services/'

/** An update that leaves out what the server gave keeps it. */
function withFormer(next: KubeObject, old: KubeObject): KubeObject {
  const spec = objectOf(next['spec'])
  const before = objectOf(old['spec'])
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return next
  const ports = listOf(spec.ports).map((port) => {
    const same = listOf(before.ports).find((it) => it.port === port.port && it.protocol === port.protocol)
    return fill(port, { nodePort: same?.nodePort })
  })
  const kept = fill(spec, {
    clusterIP: before.clusterIP,
    ipFamilies: before.ipFamilies,
    ipFamilyPolicy: before.ipFamilyPolicy,
    ...(needsHealthCheck(spec) ? { healthCheckNodePort: before.healthCheckNodePort } : {}),
  })
  const opens = spec.ports !== undefined && opensNodePorts(spec) && opensNodePorts(before)
  return { ...next, spec: opens ? { ...kept, ports } : kept }
}

/** What a service had for its former type goes with it, unless the change says something of it. */
function withoutForType(next: KubeObject, old: KubeObject): KubeObject {
  const spec = objectOf(next['spec'])
  const before = objectOf(old['spec'])
  const dropped = new Set<string>()
  const dropSame = (needs: (it: JsonObject) => boolean, ...fields: readonly string[]): void => {
    if (!needs(before) || needs(spec)) return
    for (const name of fields) if (jsonEqual(spec[name], before[name])) dropped.add(name)
  }
  dropSame((it) => it.type !== 'ExternalName', 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy')
  dropSame(needsHealthCheck, 'healthCheckNodePort')
  dropSame(isBalancer, 'allocateLoadBalancerNodePorts', 'loadBalancerClass')
  dropSame(isExternal, 'externalTrafficPolicy')
  const kept = Object.fromEntries(Object.entries(spec).filter(([name]) => !dropped.has(name)))
  const closes =
    opensNodePorts(before) && !opensNodePorts(spec) && jsonEqual(nodePortsOf(spec), nodePortsOf(before))
  const closed = listOf(spec.ports).map((port) => ({ ...port, nodePort: undefined }))
  return { ...next, spec: closes && spec.ports !== undefined ? { ...kept, ports: closed } : kept }
}

function isBalancer({ type }: JsonObject): boolean {
  return type === 'LoadBalancer'
}

function nodePortsOf({ ports }: JsonObject): readonly unknown[] {
  return listOf(ports).map((it) => it.nodePort)
}

/**
 * What a service cannot have here: addresses that make no sense, families that this server has no addresses of, what
 * another has, ports outside of the range.
 *
 * @throws {ApiError} Invalid
 */
function refuseImpossible(object: KubeObject, taken: ServiceAllocations): void {
  const spec = objectOf(object['spec'])
  if (spec.type === 'ExternalName') return
  const refuse = (errors: readonly FieldError[]): void => {
    if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors)
  }
  // Each of these is looked at only when nothing was wrong with the one before.
  refuse(validateClusterAddresses(spec))
  refuse(isFreeOfFamily(spec) ? [] : foreignFamilies(spec))
  refuse(takenAddress(spec, taken))
  refuse(opensNodePorts(spec) ? takenPorts(spec, taken) : [])
}

/** Endpoints of a headless service without a selector may be of any family. */
function isFreeOfFamily(spec: JsonObject): boolean {
  return textOf(spec.clusterIP) === headless && Object.keys(objectOf(spec.selector)).length === 0
}

function foreignFamilies({ ipFamilyPolicy, ipFamilies }: JsonObject): FieldError[] {
  const single = 'this cluster is not configured for dual-stack services'
  return [
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, single)]
      : []),
    ...stringsOf(ipFamilies).flatMap((it, index) =>
      it === 'IPv4' ? [] : [invalidValue(`spec.ipFamilies[${index}]`, it, 'not configured on this cluster')],
    ),
  ]
}

function takenAddress({ clusterIP }: JsonObject, { addresses }: ServiceAllocations): FieldError[] {
  const asked = textOf(clusterIP)
  if (asked === '' || asked === headless || !addresses.has(asked)) return []
  const problem = `failed to allocate IP ${asked}: provided IP is already allocated`
  return [invalidValue('spec.clusterIPs', [asked], problem)]
}

function takenPorts({ ports }: JsonObject, { nodePorts }: ServiceAllocations): FieldError[] {
  return listOf(ports).flatMap(({ nodePort }, index) => {
    const field = `spec.ports[${index}].nodePort`
    if (typeof nodePort !== 'number' || nodePort === 0) return []
    if (nodePort < firstNodePort || nodePort > lastNodePort) {
      const range = `provided port is not in the valid range. The range of valid ports is ${firstNodePort}-${lastNodePort}`
      return [invalidValue(field, nodePort, range)]
    }
    return nodePorts.has(nodePort)
      ? [invalidValue(field, nodePort, 'provided port is already allocated')]
      : []
  })
}

function opensNodePorts({ type, allocateLoadBalancerNodePorts: wanted }: JsonObject): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && wanted !== false)
}

/** The one address and the list of them say the same, whichever of them is given. */
function withSameAddresses(next: KubeObject, old: KubeObject | undefined): KubeObject {
  const spec = objectOf(next['spec'])
  const before = objectOf(old?.['spec'])
  const one = textOf(spec.clusterIP)
  const list = stringsOf(spec.clusterIPs)
  if (one === '' && list.length === 0) return next
  const listChanged = (list[0] ?? '') !== (stringsOf(before.clusterIPs)[0] ?? '')
  const oneChanged = one !== textOf(before.clusterIP)
  // Old clients know only the one, new ones may change only the list.
  if (list.length === 0 || (old && oneChanged && !listChanged)) {
    return { ...next, spec: { ...spec, clusterIPs: one === '' ? [] : [one] } }
  }
  return one === '' || (old && listChanged && !oneChanged)
    ? { ...next, spec: { ...spec, clusterIP: list[0] ?? '' } }
    : next
}

/** Addresses and node ports that services of the store have. */
export type ServiceAllocations = {
  readonly addresses: ReadonlySet<string>
  readonly nodePorts: ReadonlySet<number>
}

/** The range that services get addresses of, and the ports that nodes open for them. Those of a usual cluster. */
const addressBase = [10, 96] as const
const firstNodePort = 30_000
const lastNodePort = 32_767

export function allocationsOf(services: readonly KubeObject[]): ServiceAllocations {
  const specs = services.map((it) => objectOf(it['spec']))
  return {
    addresses: new Set(specs.flatMap((it) => stringsOf(it.clusterIPs))),
    nodePorts: new Set(
      specs.flatMap((it) => [
        ...listOf(it.ports).flatMap((port) => (typeof port.nodePort === 'number' ? [port.nodePort] : [])),
        ...(typeof it.healthCheckNodePort === 'number' ? [it.healthCheckNodePort] : []),
      ]),
    ),
  }
}

/**
 * Gives a service its address, IP families and node ports, as its type needs them.
 *
 * @param random numbers in [0, 1)
 * @throws {ApiError} Invalid when it asks for what another has
 */
export function allocateService(
  object: KubeObject,
  taken: ServiceAllocations,
  random: () => number,
): KubeObject {
  refuseImpossible(object, taken)
  const spec = objectOf(object['spec'])
  const type = textOf(spec.type)
  if (type === 'ExternalName') return object
  const asked = textOf(spec.clusterIP) || (stringsOf(spec.clusterIPs)[0] ?? '')
  const clusterIP = asked === '' ? freeAddress(taken.addresses, random) : asked
  const isDual = isFreeOfFamily(spec) && spec.ipFamilyPolicy === undefined
  const families = {
    ipFamilies: spec.ipFamilies ?? (isDual ? ['IPv4', 'IPv6'] : [clusterIP.includes(':') ? 'IPv6' : 'IPv4']),
    ipFamilyPolicy: spec.ipFamilyPolicy ?? (isDual ? 'RequireDualStack' : 'SingleStack'),
  }
  const base: JsonObject = { ...spec, clusterIP, clusterIPs: [clusterIP], ...families }
  return {
    ...object,
    spec: opensNodePorts(spec) ? withNodePorts(base, taken.nodePorts, random) : base,
  }
}

function withNodePorts(spec: JsonObject, taken: ReadonlySet<number>, random: () => number): JsonObject {
  const used = new Set(taken)
  // The same number may serve several protocols.
  const ports = listOf(spec.ports).map((port) => {
    if (typeof port.nodePort === 'number' && port.nodePort > 0) return port
    const nodePort = freePort(used, random)
    used.add(nodePort)
    return { ...port, nodePort }
  })
  const healthCheck =
    needsHealthCheck(spec) && spec.healthCheckNodePort === undefined
      ? { healthCheckNodePort: freePort(used, random) }
      : {}
  return { ...spec, ports, ...healthCheck }
}

function freeAddress(taken: ReadonlySet<string>, random: () => number): string {
  // The first addresses are kept for those that are asked for by name, such as the one of DNS.
  const size = 65_534 - 256
  const start = Math.floor(random() * size)
  for (let step = 0; step < size; step += 1) {
    const index = 256 + ((start + step) % size)
    const address = [...addressBase, index >> 8, index & 0xff].join('.')
    if (!taken.has(address)) return address
  }
  return ''
}

function freePort(taken: ReadonlySet<number>, random: () => number): number {
  const size = lastNodePort - firstNodePort + 1
  const start = Math.floor(random() * size)
  for (let step = 0; step < size; step += 1) {
    const port = firstNodePort + ((start + step) % size)
    if (!taken.has(port)) return port
  }
  return 0
}
