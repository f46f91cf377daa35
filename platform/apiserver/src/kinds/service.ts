import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, invalidValue } from '../status/field-error.ts'
import { invalid } from '../status/status-error.ts'
import { defaultService } from './defaults/others.ts'
import { listOf, objectOf, stringsOf, textOf } from './json-fields.ts'
import { dnsLabel } from './names.ts'
import type { Strategy } from './strategy.ts'
import { validateService, validateServiceUpdate } from './validation/service.ts'

const headless = 'None'

/** Services get their addresses from the server. */
export const serviceStrategy: Strategy = {
  nameProblem: dnsLabel,
  returnsDeleted: true,
  selectableFields: ['spec.clusterIP', 'spec.type'],
  applyDefaults: defaultService,
  prepareCreate: (object, { storage, random }) =>
    allocateService(object, allocationsOf(storage.list(servicePrefix).objects), () => random.float()),
  prepareUpdate: (next, old, { storage, random, subresource }) => {
    if (subresource !== '') return next
    const others = storage.list(servicePrefix).objects.filter((it) => it.metadata.uid !== old.metadata.uid)
    return allocateService(withFormer(next, old), allocationsOf(others), () => random.float())
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
    return port.nodePort === undefined && same?.nodePort !== undefined
      ? { ...port, nodePort: same.nodePort }
      : port
  })
  return {
    ...next,
    spec: {
      ...spec,
      ...(spec.ports === undefined ? {} : { ports }),
      ...(spec.clusterIP === undefined && before.clusterIP !== undefined
        ? { clusterIP: before.clusterIP }
        : {}),
      ...(spec.ipFamilies === undefined && before.ipFamilies !== undefined
        ? { ipFamilies: before.ipFamilies }
        : {}),
      ...(spec.ipFamilyPolicy === undefined && before.ipFamilyPolicy !== undefined
        ? { ipFamilyPolicy: before.ipFamilyPolicy }
        : {}),
    },
  }
}

/** What a service asks for though another has it. @throws {ApiError} Invalid */
function refuseTaken(object: KubeObject, { addresses, nodePorts }: ServiceAllocations): void {
  const { type, clusterIP, clusterIPs, ports } = objectOf(object['spec'])
  if (type === 'ExternalName') return
  const asked = textOf(clusterIP) || (stringsOf(clusterIPs)[0] ?? '')
  const errors: FieldError[] = []
  if (asked !== '' && asked !== headless && addresses.has(asked)) {
    errors.push(
      invalidValue(
        'spec.clusterIPs',
        [asked],
        `failed to allocate IP ${asked}: provided IP is already allocated`,
      ),
    )
  }
  for (const [index, { nodePort }] of listOf(ports).entries()) {
    if (typeof nodePort === 'number' && nodePorts.has(nodePort)) {
      const field = `spec.ports[${index}].nodePort`
      errors.push(invalidValue(field, nodePort, 'provided port is already allocated'))
    }
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, object.metadata.name ?? '', errors)
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
 * Gives a service its address, IP families and node ports, as its type needs them, and takes away what it does not.
 *
 * @param random numbers in [0, 1)
 * @throws {ApiError} Invalid when it asks for what another has
 */
export function allocateService(
  object: KubeObject,
  taken: ServiceAllocations,
  random: () => number,
): KubeObject {
  refuseTaken(object, taken)
  const spec = objectOf(object['spec'])
  const type = textOf(spec.type)
  if (type === 'ExternalName') {
    const { clusterIP: _, clusterIPs: __, ipFamilies: ___, ipFamilyPolicy: ____, ...rest } = spec
    return { ...object, spec: withoutNodePorts(rest) }
  }
  const asked = textOf(spec.clusterIP) || (stringsOf(spec.clusterIPs)[0] ?? '')
  const clusterIP = asked === '' ? freeAddress(taken.addresses, random) : asked
  const isSelectorless = Object.keys(objectOf(spec.selector)).length === 0
  // Endpoints of a headless service without a selector may be of any family.
  const isDual = clusterIP === headless && isSelectorless && spec.ipFamilyPolicy === undefined
  const families = {
    ipFamilies: spec.ipFamilies ?? (isDual ? ['IPv4', 'IPv6'] : [clusterIP.includes(':') ? 'IPv6' : 'IPv4']),
    ipFamilyPolicy: spec.ipFamilyPolicy ?? (isDual ? 'RequireDualStack' : 'SingleStack'),
  }
  const base: JsonObject = { ...spec, clusterIP, clusterIPs: [clusterIP], ...families }
  const needsPorts =
    type === 'NodePort' || (type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  return {
    ...object,
    spec: needsPorts ? withNodePorts(base, taken.nodePorts, random) : withoutNodePorts(base),
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
  const needsHealthCheck = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
  const healthCheck =
    needsHealthCheck && spec.healthCheckNodePort === undefined
      ? { healthCheckNodePort: freePort(used, random) }
      : {}
  return { ...spec, ports, ...healthCheck }
}

function withoutNodePorts(spec: JsonObject): JsonObject {
  if (spec.type !== 'ClusterIP' && spec.type !== 'ExternalName') return spec
  const {
    healthCheckNodePort: _,
    externalTrafficPolicy: __,
    allocateLoadBalancerNodePorts: ___,
    ...rest
  } = spec
  if (spec.ports === undefined) return rest
  return {
    ...rest,
    ports: listOf(spec.ports).map((port) => {
      const { nodePort: ____, ...other } = port
      return other
    }),
  }
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
