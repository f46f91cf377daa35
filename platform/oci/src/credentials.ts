import { OciError } from './oci-error.ts'

/** How to log in to a registry. */
export type OciCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token. */
  | { readonly kind: 'identityToken'; readonly token: string }
  /** A token that is sent as it is. */
  | { readonly kind: 'registryToken'; readonly token: string }

/** Credentials of a Docker configuration by the registry, with an optional path, that they are for. */
export type DockerConfig = ReadonlyMap<string, OciCredentials>

/**
 * Parses `.dockerconfigjson`.
 *
 * @throws {OciError} when it is not of that form; what it holds is in no message.
 */
export function parseDockerConfig(text: string): DockerConfig {
  const auths = authsOf(text)
  const config = new Map<string, OciCredentials>()
  for (const [key, entry] of Object.entries(auths)) {
    const credentials = credentialsOf(entry)
    if (credentials) config.set(key, credentials)
  }
  return config
}

/**
 * The credentials for a repository: of all keys that match, the one with the longest path. Hosts may have `*` within a
 * label. Docker Hub has the key `https://index.docker.io/v1/`.
 *
 * Source: kubernetes/pkg/credentialprovider, keyring.go.
 */
export function credentialsFor(
  config: DockerConfig,
  registry: string,
  repository: string,
): OciCredentials | undefined {
  const keys = [...config.keys()].toSorted((a, b) => b.length - a.length)
  const key = keys.find((it) => matches(it, registry, repository))
  return key === undefined ? undefined : config.get(key)
}

function authsOf(text: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The error of JSON.parse repeats a part of the text.
    throw new OciError('OCI_INVALID', 'docker config is not valid JSON')
  }
  if (!isRecord(parsed)) throw new OciError('OCI_INVALID', 'docker config is not an object')
  // The older `.dockercfg` has no `auths` around its entries.
  const auths = 'auths' in parsed ? parsed['auths'] : parsed
  return isRecord(auths) ? auths : {}
}

function credentialsOf(entry: unknown): OciCredentials | undefined {
  if (!isRecord(entry)) return undefined
  const field = (name: string): string => {
    const value = entry[name]
    return typeof value === 'string' ? value : ''
  }
  if (field('identitytoken') !== '') return { kind: 'identityToken', token: field('identitytoken') }
  if (field('registrytoken') !== '') return { kind: 'registryToken', token: field('registrytoken') }
  const decoded = Buffer.from(field('auth'), 'base64').toString().replace(/\0+$/, '')
  const colon = decoded.indexOf(':')
  const username = field('username') || decoded.slice(0, Math.max(0, colon))
  const password = field('password') || (colon < 0 ? '' : decoded.slice(colon + 1))
  return username === '' && password === '' ? undefined : { kind: 'basic', username, password }
}

function matches(key: string, registry: string, repository: string): boolean {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/(?:v1|v2)?\/?$/, '')
    .split('/')
  const wanted = path.join('/')
  const isBelow = wanted === '' || repository === wanted || repository.startsWith(`${wanted}/`)
  return isBelow && matchesHost(host === 'docker.io' ? 'index.docker.io' : host, registry)
}

function matchesHost(pattern: string, registry: string): boolean {
  const [patternParts, parts] = [pattern.split('.'), registry.split('.')]
  return (
    patternParts.length === parts.length &&
    patternParts.every((part, index) => matchesLabel(part, parts[index] ?? ''))
  )
}

function matchesLabel(pattern: string, label: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === label
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
  // One star a label is all that is in use.
  return label.length >= head.length + tail.length && label.startsWith(head) && label.endsWith(tail)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
