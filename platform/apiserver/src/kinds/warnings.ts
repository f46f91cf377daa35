import type { JsonObject, KubeObject } from '@sluice/ports'
import { listOf, objectOf, textOf } from './json-fields.ts'
import { parseQuantity } from './quantity.ts'

/**
 * What is allowed but hardly meant, or soon no more, in the words that Kubernetes has for it. Nothing is said again about
 * a part that was there before.
 */
export function warningsOf(next: KubeObject, old: KubeObject | undefined): string[] {
  return [...aboutFinalizers(next, old), ...(old ? [] : aboutAnnotations(next)), ...aboutPods(next, old)]
}

/** Of built-in kinds finalizers without a domain are refused. */
function aboutFinalizers(next: KubeObject, old: KubeObject | undefined): string[] {
  const known = new Set([...(old?.metadata.finalizers ?? []), 'orphan', 'foregroundDeletion'])
  return (next.metadata.finalizers ?? [])
    .filter((it) => !known.has(it) && !it.includes('/'))
    .toSorted()
    .map(
      (it) =>
        `metadata.finalizers: ${JSON.stringify(it)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    )
}

function aboutAnnotations({ apiVersion, kind, metadata }: KubeObject): string[] {
  const isIngress = kind === 'Ingress' && apiVersion.startsWith('networking.k8s.io/')
  return isIngress && metadata.annotations?.[classAnnotation] !== undefined
    ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
    : []
}

const classAnnotation = 'kubernetes.io/ingress.class'

/** Where the pods of a kind are described. */
const podPlaces: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'].map(
    (kind): [string, string[]] => [kind, ['spec', 'template']],
  ),
])

const builtin = /^(?:v1|apps\/v1|batch\/v1)$/

function aboutPods(next: KubeObject, old: KubeObject | undefined): string[] {
  const place = podPlaces.get(next.kind)
  if (!place || !builtin.test(next.apiVersion)) return []
  const at = [...place, 'spec'].join('.')
  const known = new Set(old ? aboutSpec(specAt(old, place), at) : [])
  return aboutSpec(specAt(next, place), at).filter((it) => !known.has(it))
}

function specAt(object: KubeObject, place: readonly string[]): JsonObject {
  let current = object as unknown as JsonObject
  for (const name of place) current = objectOf(current[name])
  return objectOf(current.spec)
}

const renamedLabels: ReadonlyMap<string, readonly [since: string, now: string]> = new Map([
  ['beta.kubernetes.io/arch', ['v1.14', 'kubernetes.io/arch']],
  ['beta.kubernetes.io/os', ['v1.14', 'kubernetes.io/os']],
  ['failure-domain.beta.kubernetes.io/region', ['v1.17', 'topology.kubernetes.io/region']],
  ['failure-domain.beta.kubernetes.io/zone', ['v1.17', 'topology.kubernetes.io/zone']],
  ['beta.kubernetes.io/instance-type', ['v1.17', 'node.kubernetes.io/instance-type']],
])

function aboutSpec(spec: JsonObject, at: string): string[] {
  const labels = Object.keys(objectOf(spec.nodeSelector)).flatMap((name) => {
    const [since, now] = renamedLabels.get(name) ?? []
    return now === undefined
      ? []
      : [`${at}.nodeSelector[${name}]: deprecated since ${since}; use ${JSON.stringify(now)} instead`]
  })
  const secrets = listOf(spec.imagePullSecrets).flatMap(({ name }, index) =>
    textOf(name) === '' ? [`${at}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
  )
  const containers = ['initContainers', 'containers'].flatMap((list) =>
    listOf(spec[list]).flatMap((container, index) => aboutContainer(container, `${at}.${list}[${index}]`)),
  )
  return [...labels, ...secrets, ...containers]
}

function aboutContainer(container: JsonObject, at: string): string[] {
  const { requests, limits } = objectOf(container.resources)
  return [
    ...aboutBytes(limits, `${at}.resources.limits`),
    ...aboutBytes(requests, `${at}.resources.requests`),
    ...aboutEnvironment(listOf(container.env), at),
    ...aboutPorts(listOf(container.ports), at),
  ]
}

function aboutBytes(amounts: unknown, at: string): string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) => {
    const amount = objectOf(amounts)[name]
    return typeof amount === 'string' && !isWhole(amount)
      ? [`${at}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
      : []
  })
}

function isWhole(amount: string): boolean {
  return (parseQuantity(amount)?.nano ?? 0n) % 1_000_000_000n === 0n
}

function aboutEnvironment(variables: readonly JsonObject[], at: string): string[] {
  const seen = new Set<string>()
  return variables.flatMap(({ name }, index) => {
    const own = textOf(name)
    if (!seen.has(own)) {
      seen.add(own)
      return []
    }
    return [
      `${at}.env[${index}]: hides previous definition of ${JSON.stringify(own)}, which may be dropped when using apply`,
    ]
  })
}

function aboutPorts(ports: readonly JsonObject[], at: string): string[] {
  const seen = new Map<string, number>()
  return ports.flatMap(({ containerPort, protocol, hostPort = 0, hostIP = '' }, index) => {
    const key = JSON.stringify([containerPort, protocol, hostPort, hostIP])
    const first = seen.get(key)
    if (first === undefined) {
      seen.set(key, index)
      return []
    }
    return [`${at}.ports[${index}]: duplicate port definition with ${at}.ports[${first}]`]
  })
}
