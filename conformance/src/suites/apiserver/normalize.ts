import { unmarked } from './fractions.ts'

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
/** Digests of pod templates and random ends of names, in the letters that Kubernetes uses for them. */
const digest = /(?<=[a-z]-)[bcdfghjklmnpqrstvwxz2456789]{8,10}(?![a-z0-9])/g
const tokenVolume = /(?<=kube-api-access-)[a-z0-9]{5}/g
const serviceCa = 'openshift-service-ca.crt'
const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g

/**
 * Replaces what differs from run to run, in recorded and own answers alike: identifiers, revisions, times, tokens and
 * the server's address as the suite's README names them. Besides these what only one cluster can have: its CA
 * certificate, the revisions inside of messages, random names, digests that Go makes of its own structs, and the name
 * that the recorder gave its controller manager.
 */
export function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((it) => !isOfOtherDistribution(it)).map((it) => normalize(it))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, it]) => [normalizeKey(key), normalizeField(key, it)] as const,
    )
    return Object.fromEntries(entries)
  }
  if (typeof value !== 'string') return value
  const read = unmarked(value)
  return typeof read === 'string' ? normalizeText(read) : read
}

/** The recorded cluster's controller manager also made a ConfigMap for a service CA in every namespace, and mounted it. */
function isOfOtherDistribution(item: unknown): boolean {
  const { metadata, configMap } = (item ?? {}) as {
    readonly metadata?: { readonly name?: unknown }
    readonly configMap?: { readonly name?: unknown }
  }
  return metadata?.name === serviceCa || configMap?.name === serviceCa
}

function normalizeKey(key: string): string {
  return key.startsWith('k:') || key.startsWith('v:') ? key.replaceAll(uuid, '<uid>') : key
}

function normalizeField(name: string, value: unknown): unknown {
  // What only one build can say of itself.
  if (['gitCommit', 'goVersion', 'compiler'].includes(name)) return '<build>'
  if (name === 'continue') return '<continue>'
  if (typeof value === 'string' && value !== '') {
    if (name === 'uid') return '<uid>'
    if (name === 'resourceVersion' && value !== '0') return '<rv>'
    if (name === 'serverAddress') return '<host>'
    // What the recorder called its controller manager.
    if (name === 'manager' && value === 'kcm') return 'kube-controller-manager'
  }
  if (name === 'managedFields' && Array.isArray(value)) return normalize(value.toSorted(byManager))
  if (name === 'cells' && Array.isArray(value)) return value.map((it) => normalize(withoutAge(it)))
  if (name === 'columnDefinitions' && Array.isArray(value)) return value.map(withoutWords)
  return normalize(value)
}

type Entry = {
  readonly operation?: string
  readonly manager?: string
  readonly subresource?: string
  readonly apiVersion?: string
}

/** Entries stand by their times, in which one second more or less decides. */
function byManager(a: Entry, b: Entry): number {
  const [left, right] = [a, b].map((it) =>
    [it.operation, it.manager, it.subresource, it.apiVersion].join(' '),
  ) as [string, string]
  return left < right ? -1 : left > right ? 1 : 0
}

/** How long ago something was depends on how long the steps took. */
function withoutAge(cell: unknown): unknown {
  return typeof cell === 'string' && /^\d+s$/.test(cell) ? '<age>' : cell
}

/** What a column is about is said in words of our own, save for what Kubernetes makes up from a definition. */
function withoutWords(column: unknown): unknown {
  if (typeof column !== 'object' || column === null || !('description' in column)) return column
  const { description } = column
  if (typeof description !== 'string' || description === '') return column
  return {
    ...column,
    description: description.startsWith('Custom resource definition column') ? description : '<words>',
  }
}

function normalizeText(text: string): string {
  return withoutOrder(text)
    .replaceAll(uuid, '<uid>')
    .replaceAll(time, '<time>')
    .replaceAll(certificate, '<certificate>')
    .replaceAll(digest, '<digest>')
    .replaceAll(tokenVolume, '<random>')
    .replaceAll(/too old resource version: (\d+) \(\d+\)/g, 'too old resource version: $1 (<rv>)')
}

/** Objects that messages quote as JSON: in them as elsewhere revisions and the order of keys do not count. */
function withoutOrder(text: string): string {
  return text.replaceAll(/"\{(?:[^"\\]|\\.)*\}"/g, (quoted) => {
    try {
      const object: unknown = JSON.parse(JSON.parse(quoted) as string)
      return JSON.stringify(JSON.stringify(sortedKeys(normalize(object))))
    } catch (error) {
      if (error instanceof SyntaxError) return quoted
      throw error
    }
  })
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, it]) => [key, sortedKeys(it)]),
  )
}
