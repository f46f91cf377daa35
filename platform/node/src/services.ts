import { hasLabels, type KubeObject } from '@sluice/ports'
import { controlledBy, isGone, isReady, type Pod, putStatus, sameContent } from './workloads/workload.ts'
import { type Controller, itself } from './world/controller.ts'
import type { World } from './world/world.ts'

type Service = KubeObject & {
  readonly spec: {
    readonly type?: string
    readonly clusterIP?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly ServicePort[]
    readonly publishNotReadyAddresses?: boolean
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly unknown[] } }
}

type ServicePort = {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly appProtocol?: string
}

type EndpointPort = { readonly name?: string; readonly port: number; readonly protocol: string }

/** Keeps the addresses behind each service with a selector, as EndpointSlice and as Endpoints. */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  triggers: {
    services: itself,
    pods: (pod, world) =>
      [...world.objects('services').inNamespace(pod.metadata.namespace ?? '')]
        .filter((service) => selectsPod(service as Service, pod))
        .flatMap(itself),
  },
  reconcile: async (key, world) => {
    const service = world.objects('services').get(key) as Service | undefined
    if (!service) return await removeEndpoints(key, world)
    if (service.metadata.deletionTimestamp) return undefined
    await assignLoadBalancer(service, world)
    if (!service.spec.selector || Object.keys(service.spec.selector).length === 0) return undefined
    const pods = [...world.objects('pods').inNamespace(service.metadata.namespace ?? '')] as Pod[]
    const behind = pods.filter((pod) => selectsPod(service, pod) && pod.status?.podIP && !isGone(pod))
    await put('endpointslices', sliceOf(service, behind), world)
    await put('endpoints', endpointsOf(service, behind), world)
    return undefined
  },
}

function selectsPod({ spec }: Service, pod: KubeObject): boolean {
  const { selector = {} } = spec
  return Object.keys(selector).length > 0 && hasLabels(pod.metadata.labels ?? {}, selector)
}

/** Endpoints have no owner to be collected with. */
async function removeEndpoints(key: string, world: World): Promise<undefined> {
  const endpoints = world.objects('endpoints').get(key)
  if (endpoints) await world.remove('endpoints', endpoints)
  return undefined
}

async function assignLoadBalancer(service: Service, world: World): Promise<void> {
  if (service.spec.type !== 'LoadBalancer' || service.status?.loadBalancer?.ingress?.length) return
  const ingress = [{ ip: '127.0.0.1', ipMode: 'VIP' }]
  await putStatus('services', service, { world, status: { ...service.status, loadBalancer: { ingress } } })
}

function sliceOf(service: Service, pods: readonly Pod[]): KubeObject {
  const { name = '', namespace = '', labels } = service.metadata
  const managedBy = {
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    'kubernetes.io/service-name': name,
  }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      // One slice a service, so a name that says so serves better than a generated one.
      name: `${name}-simulated`,
      namespace,
      labels: { ...labels, ...managedBy },
      ownerReferences: [controlledBy(service)],
    },
    addressType: 'IPv4',
    endpoints: pods.map((pod) => ({
      addresses: [pod.status?.podIP ?? ''],
      conditions: { ready: counts(service, pod), serving: isReady(pod), terminating: false },
      nodeName: pod.spec.nodeName,
      targetRef: reference(pod),
    })),
    ports: portsOf(service, pods),
  }
}

function endpointsOf(service: Service, pods: readonly Pod[]): KubeObject {
  const { name = '', namespace = '', labels } = service.metadata
  const ready = pods.filter((pod) => counts(service, pod)).map(addressOf)
  const notReady = pods.filter((pod) => !counts(service, pod)).map(addressOf)
  const subset = {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ports: portsOf(service, pods),
  }
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(pods.length > 0 ? { subsets: [subset] } : {}),
  }
}

function addressOf(pod: Pod): object {
  return { ip: pod.status?.podIP ?? '', nodeName: pod.spec.nodeName, targetRef: reference(pod) }
}

function counts({ spec }: Service, pod: Pod): boolean {
  return spec.publishNotReadyAddresses === true || isReady(pod)
}

function reference({ metadata: { name, namespace, uid } }: Pod): object {
  return { kind: 'Pod', name, namespace, uid }
}

function portsOf({ spec }: Service, pods: readonly Pod[]): readonly EndpointPort[] {
  return (spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pods)
    const { name, protocol = 'TCP', appProtocol } = port
    const described = { ...(name ? { name } : {}), port: number ?? 0, protocol }
    return number === undefined ? [] : [appProtocol ? { ...described, appProtocol } : described]
  })
}

/** A named target port is the container port of that name in the pods. */
function targetPort(
  { port, targetPort: target = port }: ServicePort,
  pods: readonly Pod[],
): number | undefined {
  if (typeof target === 'number') return target
  for (const { spec } of pods) {
    const found = spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target)
    if (found) return found.containerPort
  }
  return undefined
}

async function put(kind: 'endpointslices' | 'endpoints', wanted: KubeObject, world: World): Promise<void> {
  const known = world.objects(kind).get(itself(wanted)[0] ?? '')
  if (!known) {
    await world.create(kind, wanted)
    return
  }
  const { metadata, ...content } = wanted
  const merged = {
    ...known,
    ...content,
    metadata: { ...known.metadata, labels: metadata.labels ?? {} },
  }
  // Endpoints without pods have no subsets, so a list that was there has to go.
  if (kind === 'endpoints' && content['subsets'] === undefined) Object.assign(merged, { subsets: [] })
  if (!sameContent(withoutEmpty(known), withoutEmpty(merged))) await world.update(kind, merged)
}

function withoutEmpty(object: KubeObject): unknown {
  const { managedFields: _, resourceVersion: __, generation: ___, ...metadata } = object.metadata
  const fields = Object.entries(object).filter(([, value]) => !Array.isArray(value) || value.length > 0)
  return { ...Object.fromEntries(fields), metadata }
}
