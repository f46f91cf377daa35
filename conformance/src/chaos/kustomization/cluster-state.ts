import type { KubeObject } from '@sluice/ports'
import type { Lab } from '../../lab/lab.ts'

const kinds = [
  ['v1', 'Namespace'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
] as const

// The server's own controllers put it into each namespace, in their own time.
const ownCa = 'kube-root-ca.crt'

/** What users and other appliers can see, one line an object: content, owners of fields, status; no times, no counts. */
export async function clusterState(lab: Lab): Promise<readonly string[]> {
  const lines: string[] = []
  for (const [apiVersion, kind] of kinds) {
    const objects = (await lab.list(apiVersion, kind)).filter(isLasting)
    lines.push(...objects.map((object) => `${kind} ${stateOf(object)}`))
  }
  const hasWidgets = lines.some((line) => line.includes('"widgets.lab.example"'))
  if (hasWidgets) {
    lines.push(...(await lab.list('lab.example/v1', 'Widget')).map((object) => `Widget ${stateOf(object)}`))
  }
  return lines
}

/** Whether it is neither the server's own nor on its way out: how far that has come is a matter of moments. */
function isLasting({ metadata }: KubeObject): boolean {
  return metadata.name !== ownCa && metadata.deletionTimestamp === undefined
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'generation',
  'observedGeneration',
  'time',
  'lastTransitionTime',
  'history',
  'clusterIP',
  'clusterIPs',
])

/** An object as text, without what differs from run to run. */
export function stateOf(object: KubeObject): string {
  return JSON.stringify(object, (key, value: unknown) => {
    if (volatile.has(key)) return undefined
    // Their order is that of their times.
    if (key === 'managedFields') return ownersOf(value as readonly unknown[])
    if (key === 'message' && typeof value === 'string') return value.replace(/ in [\d.]+\S+$/, '')
    // Nor does the order in which fields came to be written.
    return canonical(key, value)
  })
}

function ownersOf(entries: readonly unknown[]): readonly string[] {
  return entries.map((entry) => JSON.stringify(entry, canonical)).toSorted()
}

function canonical(key: string, value: unknown): unknown {
  if (key === 'time') return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
