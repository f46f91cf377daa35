const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
/** Digests of pod templates and random ends of names, in the letters that Kubernetes uses for them. */
const digest = /(?<=[a-z]-)[bcdfghjklmnpqrstvwxz2456789]{8,10}(?![a-z0-9])/g
const tokenVolume = /(?<=kube-api-access-)[a-z0-9]{5}/g
const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g

/**
 * Replaces what differs from run to run, in recorded and own answers alike: identifiers, revisions, times, tokens and
 * the server's address as the suite's README names them. Besides these what only one cluster can have: its CA
 * certificate, the revisions inside of messages, random names, digests that Go makes of its own structs, and the name
 * that the recorder gave its controller manager.
 */
export function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((it) => normalize(it))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, it]) => [normalizeKey(key), normalizeField(key, it)] as const,
    )
    return Object.fromEntries(entries)
  }
  return typeof value === 'string' ? normalizeText(value) : value
}

function normalizeKey(key: string): string {
  return key.startsWith('k:') || key.startsWith('v:') ? key.replaceAll(uuid, '<uid>') : key
}

function normalizeField(name: string, value: unknown): unknown {
  if (name === 'continue') return '<continue>'
  if (typeof value === 'string' && value !== '') {
    if (name === 'uid') return '<uid>'
    if (name === 'resourceVersion' && value !== '0') return '<rv>'
    if (name === 'serverAddress') return '<host>'
    // What the recorder called its controller manager.
    if (name === 'manager' && value === 'kcm') return 'kube-controller-manager'
  }
  return normalize(value)
}

function normalizeText(text: string): string {
  return text
    .replaceAll(uuid, '<uid>')
    .replaceAll(time, '<time>')
    .replaceAll(certificate, '<certificate>')
    .replaceAll(digest, '<digest>')
    .replaceAll(tokenVolume, '<random>')
    .replaceAll(/too old resource version: (\d+) \(\d+\)/g, 'too old resource version: $1 (<rv>)')
}
