import { createHmac } from 'node:crypto'

/** A line of a `known_hosts` file. */
type KnownHost = {
  readonly marker: string | undefined
  readonly hosts: readonly string[]
  readonly type: string
  readonly key: string
}

/** What a `known_hosts` file says about one server. */
export type KnownHosts = {
  /** Types of the keys that are known, in their order. Empty when the server is unknown. */
  readonly keyTypes: readonly string[]
  /** Why a key is not accepted; nothing when it is. In the words of Go's knownhosts package. */
  readonly refusal: (blob: Uint8Array) => string | undefined
}

/** How `known_hosts` names a server. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`
}

/**
 * Reads `known_hosts` for one server. Hashed names, wildcards and revoked keys are understood; certificate authorities
 * are not, so their lines count for nothing.
 *
 * Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
 */
export function parseKnownHosts(text: string, host: string, port: number): KnownHosts {
  const name = knownHostName(host, port)
  const lines = text.split('\n').flatMap(parseLine)
  const known = lines.filter((line) => line.marker !== '@cert-authority' && matches(line.hosts, name))
  const accepted = known.filter(({ marker }) => marker === undefined)
  return {
    keyTypes: [...new Set(accepted.map(({ type }) => type))],
    refusal: (blob) => {
      const key = Buffer.from(blob).toString('base64')
      if (known.some((line) => line.marker === '@revoked' && line.key === key)) {
        return 'knownhosts: key is revoked'
      }
      if (accepted.some((line) => line.key === key)) return undefined
      return accepted.length === 0 ? 'knownhosts: key is unknown' : 'knownhosts: key mismatch'
    },
  }
}

function parseLine(line: string): KnownHost[] {
  const fields = line.trim().split(/\s+/)
  if (fields[0] === '' || fields[0]?.startsWith('#')) return []
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  const [hosts = '', type = '', key = ''] = fields
  return key === '' ? [] : [{ marker, hosts: hosts.split(','), type, key }]
}

function matches(patterns: readonly string[], name: string): boolean {
  const isExcluded = patterns.some((pattern) => pattern.startsWith('!') && matchesOne(pattern.slice(1), name))
  return !isExcluded && patterns.some((pattern) => !pattern.startsWith('!') && matchesOne(pattern, name))
}

function matchesOne(pattern: string, name: string): boolean {
  const [, kind, salt = '', hash] = pattern.split('|')
  if (pattern.startsWith('|')) {
    return (
      kind === '1' && createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
    )
  }
  return matchesWildcards(pattern.toLowerCase(), name.toLowerCase())
}

/** `*` and `?`, with one place to come back to: time in proportion to the lengths. */
function matchesWildcards(pattern: string, name: string): boolean {
  let at = 0
  let cursor = 0
  let star = -1
  let swallowed = 0
  while (cursor < name.length) {
    if (pattern[at] === '*') {
      star = at
      swallowed = cursor
      at += 1
    } else if (pattern[at] === '?' || pattern[at] === name[cursor]) {
      at += 1
      cursor += 1
    } else if (star >= 0) {
      swallowed += 1
      cursor = swallowed
      at = star + 1
    } else {
      return false
    }
  }
  return /^\**$/.test(pattern.slice(at))
}
