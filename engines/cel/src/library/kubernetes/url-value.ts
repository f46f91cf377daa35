import { quote } from '@sluice/go'
import { type CelType, objectType } from '../../types/cel-type.ts'
import { type CelValue, OpaqueValue } from '../../values/value.ts'

export const urlType: CelType = objectType('kubernetes.URL')

type Parts = {
  readonly scheme: string
  readonly opaque: string
  /** As it is written before the `@`; `undefined` where there is none. */
  readonly user: string | undefined
  readonly host: string
  readonly path: string
  /** The path as it was written, where escaping it again would give another one. */
  readonly rawPath: string
  readonly query: string | undefined
  readonly fragment: string | undefined
}

/** A URL as Go's `net/url` reads it. */
export class GoUrl extends OpaqueValue {
  readonly type: CelType = urlType
  readonly parts: Parts

  constructor(parts: Parts) {
    super()
    this.parts = parts
  }

  equals(other: CelValue): boolean {
    return other instanceof GoUrl && other.toString() === this.toString()
  }

  get escapedPath(): string {
    const { path, rawPath } = this.parts
    if (rawPath !== '' && isEncoded(rawPath)) return rawPath
    return path === '*' ? '*' : escapePath(path)
  }

  get hostname(): string {
    const { host } = this.parts
    const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1]
    return bracketed ?? host.replace(/:\d*$/, '')
  }

  get port(): string {
    return /:(\d*)$/.exec(this.parts.host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? ''
  }

  /** Values by name in the order of writing; pairs with errors are left out. */
  get queryValues(): ReadonlyMap<string, readonly string[]> {
    const out = new Map<string, string[]>()
    for (const pair of (this.parts.query ?? '').split('&')) {
      if (pair === '' || pair.includes(';')) continue
      const at = pair.indexOf('=')
      const name = unescape(at < 0 ? pair : pair.slice(0, at), 'query')
      const value = unescape(at < 0 ? '' : pair.slice(at + 1), 'query')
      if (typeof name !== 'string' || typeof value !== 'string') continue
      const values = out.get(name)
      if (values) values.push(value)
      else out.set(name, [value])
    }
    return out
  }

  toString(): string {
    const { scheme, opaque, user, host, query, fragment } = this.parts
    let out = scheme === '' ? '' : `${scheme}:`
    if (opaque !== '') out += opaque
    else {
      if (host !== '' || user !== undefined || (scheme !== '' && this.parts.path.startsWith('//'))) {
        out += `//${user === undefined ? '' : `${user}@`}${escapeHost(host)}`
      }
      const path = this.escapedPath
      if (path !== '' && !path.startsWith('/') && host !== '') out += '/'
      out += path
    }
    if (query !== undefined) out += `?${query}`
    return fragment === undefined ? out : `${out}#${fragment}`
  }
}

/** A reason why something is no URL. */
class UrlFailure {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** Parses an absolute URL or an absolute path; a string says what is wrong, in Go's words. */
export function parseRequestUrl(text: string): GoUrl | string {
  const request = read(text, true)
  if (request instanceof UrlFailure) return `parse ${quote(text)}: ${request.reason}`
  const hash = text.indexOf('#')
  const plain = hash < 0 ? text : text.slice(0, hash)
  const parts = read(plain, false)
  if (parts instanceof UrlFailure) return `parse ${quote(plain)}: ${parts.reason}`
  const fragment = hash < 0 || hash === text.length - 1 ? undefined : text.slice(hash + 1)
  return new GoUrl({ ...parts, fragment })
}

function read(text: string, viaRequest: boolean): Parts | UrlFailure {
  if (hasControl(text)) return new UrlFailure('net/url: invalid control character in URL')
  if (text === '' && viaRequest) return new UrlFailure('empty url')
  const empty = {
    scheme: '',
    opaque: '',
    user: undefined,
    host: '',
    rawPath: '',
    query: undefined,
    fragment: undefined,
  }
  if (text === '*') return { ...empty, path: '*' }
  const split = splitScheme(text)
  if (split instanceof UrlFailure) return split
  const { scheme } = split
  const mark = split.rest.indexOf('?')
  const rest = mark < 0 ? split.rest : split.rest.slice(0, mark)
  const query = mark < 0 ? undefined : split.rest.slice(mark + 1)
  const base = { ...empty, scheme, query }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...base, opaque: rest, path: '' }
    if (viaRequest) return new UrlFailure('invalid URI for request')
    if ((rest.split('/')[0] ?? '').includes(':')) {
      return new UrlFailure('first path segment in URL cannot contain colon')
    }
  }
  const hasAuthority = (scheme !== '' || (!viaRequest && !rest.startsWith('///'))) && rest.startsWith('//')
  if (!hasAuthority) return withPath(base, rest)
  const slash = rest.indexOf('/', 2)
  const authority = readAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash))
  if (authority instanceof UrlFailure) return authority
  return withPath({ ...base, ...authority }, slash < 0 ? '' : rest.slice(slash))
}

function withPath(parts: Omit<Parts, 'path'>, text: string): Parts | UrlFailure {
  const path = unescape(text, 'path')
  if (path instanceof UrlFailure) return path
  return { ...parts, path, rawPath: escapePath(path) === text ? '' : text }
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } | UrlFailure {
  if (text.startsWith(':')) return new UrlFailure('missing protocol scheme')
  const match = /^([A-Za-z][A-Za-z\d+.-]*):/.exec(text)
  if (!match) return { scheme: '', rest: text }
  return { scheme: (match[1] ?? '').toLowerCase(), rest: text.slice(match[0].length) }
}

function readAuthority(
  authority: string,
): { readonly user: string | undefined; readonly host: string } | UrlFailure {
  const at = authority.lastIndexOf('@')
  const host = readHost(authority.slice(at + 1))
  if (host instanceof UrlFailure || at < 0) {
    return host instanceof UrlFailure ? host : { user: undefined, host }
  }
  const user = authority.slice(0, at)
  if (!/^[\w\-.~!$&'()*+,;=:%@]*$/.test(user)) return new UrlFailure('net/url: invalid userinfo')
  const decoded = unescape(user, 'path')
  return decoded instanceof UrlFailure ? decoded : { user, host }
}

function readHost(host: string): string | UrlFailure {
  let port: string
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']')
    if (end < 0) return new UrlFailure("missing ']' in host")
    port = host.slice(end + 1)
  } else {
    const colon = host.indexOf(':')
    port = colon < 0 ? '' : host.slice(colon)
  }
  if (!/^(:\d*)?$/.test(port)) return new UrlFailure(`invalid port ${quote(port)} after host`)
  return unescape(host, 'host')
}

type Mode = 'path' | 'query' | 'host'

const hostSigns = new Set('!$&\'()*+,;=:[]<>"-_.~')

function unescape(text: string, mode: Mode): string | UrlFailure {
  const failure = findInvalid(text, mode)
  if (failure) return failure
  const plain = mode === 'query' ? text.replaceAll('+', ' ') : text
  if (!plain.includes('%')) return plain
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (let at = 0; at < plain.length; ) {
    if (plain[at] === '%') {
      bytes.push(Number.parseInt(plain.slice(at + 1, at + 3), 16))
      at += 3
      continue
    }
    const next = plain.indexOf('%', at)
    const end = next < 0 ? plain.length : next
    bytes.push(...encoder.encode(plain.slice(at, end)))
    at = end
  }
  return new TextDecoder().decode(Uint8Array.from(bytes))
}

function findInvalid(text: string, mode: Mode): UrlFailure | undefined {
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '%') {
      const escape = text.slice(at, at + 3)
      const isAsciiHost = mode === 'host' && /^%[0-7]/.test(escape) && escape !== '%25'
      if (!/^%[\da-fA-F]{2}$/.test(escape) || isAsciiHost) {
        return new UrlFailure(`invalid URL escape ${quote(escape)}`)
      }
    } else if (
      mode === 'host' &&
      character < '\u0080' &&
      !/[A-Za-z\d]/.test(character) &&
      !hostSigns.has(character)
    ) {
      return new UrlFailure(`invalid character ${quote(character)} in host name`)
    }
  }
  return undefined
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}

/** Whether a path as written is one that escaping could have made. */
function isEncoded(path: string): boolean {
  return /^[\w\-.~!$&'()*+,;=:@[\]%/]*$/.test(path)
}

function escapePath(path: string): string {
  return escapeAll(path, /[A-Za-z\d\-_.~$&+,/:;=@]/)
}

function escapeHost(host: string): string {
  return escapeAll(host, /[A-Za-z\d\-_.~!$&'()*+,;=:[\]<>"]/)
}

function escapeAll(text: string, kept: RegExp): string {
  const encoder = new TextEncoder()
  let out = ''
  for (const character of text) {
    if (kept.test(character)) out += character
    else {
      for (const byte of encoder.encode(character)) {
        out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
      }
    }
  }
  return out
}
