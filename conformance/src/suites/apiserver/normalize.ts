const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g

/**
 * Replaces what differs from run to run, in recorded and own answers alike: identifiers, revisions, times, tokens and
 * the server's address as the suite's README names them. Besides these a CA certificate, the revisions inside of
 * messages about them and the build of the server's binary, which no other server can have.
 */
export function normalize(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((it) => normalize(it))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, it]) => [normalizeKey(key), normalizeField(key, it)] as const,
    )
    return Object.fromEntries(entries)
  }
  return typeof value === 'string' ? normalizeText(value, name) : value
}

function normalizeKey(key: string): string {
  return key.startsWith('k:') || key.startsWith('v:') ? key.replaceAll(uuid, '<uid>') : key
}

function normalizeField(name: string, value: unknown): unknown {
  if (typeof value === 'string' && value !== '') {
    if (name === 'uid') return '<uid>'
    if (name === 'resourceVersion' && value !== '0') return '<rv>'
    if (name === 'continue') return '<continue>'
    if (name === 'serverAddress') return '<host>'
  }
  return normalize(value, name)
}

function normalizeText(text: string, name: string): string {
  if (name === 'continue') return '<continue>'
  return text
    .replaceAll(uuid, '<uid>')
    .replaceAll(time, '<time>')
    .replaceAll(certificate, '<certificate>')
    .replaceAll(/too old resource version: (\d+) \(\d+\)/g, 'too old resource version: $1 (<rv>)')
}
