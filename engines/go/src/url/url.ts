import { GoError } from '../error.ts'
import { addressProblem } from '../net/address.ts'
import { quote } from '../strconv/quote.ts'
import { escapeUrl, unescapeUrl } from './escape.ts'

/** A URL as Go's net/url takes it apart; escapes are undone where Go undoes them. */
export type GoUrl = {
  readonly scheme: string
  readonly opaque: string
  readonly user: GoUserinfo | undefined
  /** With the port. */
  readonly host: string
  readonly path: string
  /** The path as written, where escaping `path` would give another one. */
  readonly rawPath: string
  readonly rawQuery: string
  /** Whether a `?` stands at the end without a query. */
  readonly forceQuery: boolean
  readonly fragment: string
  /** Whether a path that begins with a slash stands right after the scheme. */
  readonly omitHost: boolean
}

export type GoUserinfo = { readonly username: string; readonly password: string | undefined }

const noUrl: GoUrl = {
  scheme: '',
  opaque: '',
  user: undefined,
  host: '',
  path: '',
  rawPath: '',
  rawQuery: '',
  forceQuery: false,
  fragment: '',
  omitHost: false,
}

/**
 * Reads a URL or a reference relative to one.
 *
 * Source: https://pkg.go.dev/net/url#Parse, Go 1.26.
 * @throws {GoError} with Go's message
 */
export function parseGoUrl(text: string): GoUrl {
  const [before, fragment] = cut(text, '#')
  const url = naming(before, () => parse(before))
  return fragment === '' ? url : { ...url, fragment: naming(text, () => unescapeUrl(fragment, 'fragment')) }
}

function naming<T>(text: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    throw new GoError(`parse ${quote(text)}: ${cause.message}`)
  }
}

/** The text of a URL. Source: https://pkg.go.dev/net/url#URL.String */
export function goUrlText(parts: Partial<GoUrl>): string {
  const url = { ...noUrl, ...parts }
  const { opaque, rawQuery, forceQuery, fragment } = url
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  const main = opaque === '' ? scheme + hierarchy(url) : scheme + opaque
  const query = forceQuery || rawQuery !== '' ? `?${rawQuery}` : ''
  return main + query + (fragment === '' ? '' : `#${escapeUrl(fragment, 'fragment')}`)
}

function hierarchy(url: GoUrl): string {
  const { scheme, host } = url
  const escaped = escapedPath(url)
  const authority = authorityText(url)
  // A colon in the first part of a relative path would look like the end of a scheme.
  const looksLikeScheme = scheme === '' && authority === '' && cut(escaped, '/')[0].includes(':')
  const needsSlash = escaped !== '' && !escaped.startsWith('/') && host !== ''
  return authority + (needsSlash ? '/' : '') + (looksLikeScheme ? './' : '') + escaped
}

/** The path with escapes: as it was written, if that still stands for `path`. */
export function escapedPath({ path, rawPath }: Pick<GoUrl, 'path' | 'rawPath'>): string {
  return rawPath !== '' && validPath.test(rawPath) && standsFor(rawPath, path)
    ? rawPath
    : escapeUrl(path, 'path')
}

function standsFor(escaped: string, path: string): boolean {
  try {
    return unescapeUrl(escaped, 'path') === path
  } catch (error) {
    if (error instanceof GoError) return false
    throw error
  }
}

function authorityText({ scheme, host, user, path, omitHost }: GoUrl): string {
  if (host === '' && !user && (omitHost || scheme === '' || path === '')) return ''
  return `//${user ? `${userinfoText(user)}@` : ''}${escapeUrl(host, 'host')}`
}

/** What a path may be written with. Source: net/url, validEncoded. */
const validPath = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/

/** `user:password`, escaped. */
export function userinfoText({ username, password }: GoUserinfo): string {
  const name = escapeUrl(username, 'user')
  return password === undefined ? name : `${name}:${escapeUrl(password, 'user')}`
}

/** The host without port and brackets. */
export function hostnameOf(host: string): string {
  const withoutPort = host.replace(/:[0-9]*$/, '')
  return withoutPort.startsWith('[') && withoutPort.endsWith(']') ? withoutPort.slice(1, -1) : withoutPort
}

function parse(text: string): GoUrl {
  if (hasControlCharacter(text)) throw new GoError('net/url: invalid control character in URL')
  if (text === '*') return { ...noUrl, path: '*' }
  const { scheme, rest: afterScheme } = schemeOf(text)
  const forceQuery = afterScheme.endsWith('?') && afterScheme.indexOf('?') === afterScheme.length - 1
  const [rest, rawQuery] = cut(afterScheme, '?')
  const url = { ...noUrl, scheme, forceQuery, rawQuery }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest }
    if (cut(rest, '/')[0].includes(':')) {
      throw new GoError('first path segment in URL cannot contain colon')
    }
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2)
    const authority = rest.slice(2, slash < 0 ? undefined : slash)
    return { ...url, ...parseAuthority(authority, scheme), ...parsePath(slash < 0 ? '' : rest.slice(slash)) }
  }
  return { ...url, omitHost: scheme !== '' && rest.startsWith('/'), ...parsePath(rest) }
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}

function schemeOf(text: string): { readonly scheme: string; readonly rest: string } {
  if (text.startsWith(':')) throw new GoError('missing protocol scheme')
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)
  if (!match) return { scheme: '', rest: text }
  return { scheme: (match[1] ?? '').toLowerCase(), rest: text.slice(match[0].length) }
}

/** A path from its escaped text. @throws {GoError} */
export function parsePath(text: string): Pick<GoUrl, 'path' | 'rawPath'> {
  const path = unescapeUrl(text, 'path')
  return { path, rawPath: escapeUrl(path, 'path') === text ? '' : text }
}

function parseAuthority(authority: string, scheme: string): Pick<GoUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@')
  const host = parseHost(authority.slice(at + 1), scheme)
  if (at < 0) return { host, user: undefined }
  const userinfo = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new GoError('net/url: invalid userinfo')
  const colon = userinfo.indexOf(':')
  const username = unescapeUrl(colon < 0 ? userinfo : userinfo.slice(0, colon), 'user')
  return {
    host,
    user: { username, password: colon < 0 ? undefined : unescapeUrl(userinfo.slice(colon + 1), 'user') },
  }
}

function parseHost(host: string, scheme: string): string {
  const open = host.lastIndexOf('[')
  if (open > 0) throw new GoError('invalid IP-literal')
  if (open === 0) return parseAddress(host)
  if (host.includes(':')) {
    // Lists of hosts with ports are let pass where they were ever in use.
    const isStrict = scheme === 'http' || scheme === 'https'
    checkPort(host.slice(isStrict ? host.indexOf(':') : host.lastIndexOf(':')))
  }
  return unescapeUrl(host, 'host')
}

/** An IPv6 address in brackets, with a port. */
function parseAddress(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new GoError("missing ']' in host")
  const port = host.slice(close + 1)
  checkPort(port)
  const literal = host.slice(1, close)
  const zone = literal.indexOf('%25')
  // The zone may have any escapes, the address only those of a host.
  const address =
    zone < 0
      ? unescapeUrl(literal, 'host')
      : unescapeUrl(literal.slice(0, zone), 'host') + unescapeUrl(literal.slice(zone), 'path')
  const problem = addressProblem(address)
  if (problem !== undefined) throw new GoError(`invalid host: ${problem}`)
  if (!address.includes(':')) throw new GoError('invalid IP-literal')
  return `[${address}]${port}`
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw new GoError(`invalid port ${quote(port)} after host`)
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
