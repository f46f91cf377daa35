import { HttpError, type HttpErrorCode, type HttpRequest } from '@sluice/ports'

/** A failure below HTTP in the words that Go's net, crypto/tls and net/http packages print for it. */
type Described = { readonly code: HttpErrorCode; readonly text: string }

const unverifiable = 'tls: failed to verify certificate: x509: '

/** Message by Node's code of a certificate that failed verification. Source: Go crypto/x509, verify.go. */
const certificateErrors: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  CERT_SIGNATURE_FAILURE: 'certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
  PATH_LENGTH_EXCEEDED: 'too many intermediates for path length constraint',
}

const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ETIMEDOUT: 'connection timed out',
  EPIPE: 'broken pipe',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'cannot assign requested address',
}

/**
 * Wraps a failure of Node or undici as Go's `net/http` client prints it: `Get "URL": dial tcp ADDRESS: connect: …`.
 * Users know these texts from Flux. The URL is shown without its password.
 */
export function httpErrorFrom(error: unknown, request: Pick<HttpRequest, 'method' | 'url'>): HttpError {
  if (error instanceof HttpError) return error
  const url = withoutPassword(request.url)
  const verb = request.method.charAt(0) + request.method.slice(1).toLowerCase()
  const { code, text } = describe(error, request.url)
  return new HttpError(code, url, `${verb} "${url}": ${text}`)
}

/** `url` with the password replaced by `***`, as Go's `URL.Redacted` and `net/http` print it. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#:@]*):[^/?#@]*@/i, '$1:***@')
}

function describe(error: unknown, url: string): Described {
  const { code = '', cause, message } = fieldsOf(error)
  if (error instanceof AggregateError) return describe(error.errors[0], url)
  const certificate = certificateErrors[code]
  if (certificate !== undefined) return { code: 'HTTP_TLS', text: unverifiable + certificate }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 'HTTP_TLS', text: unverifiable + describeNameMismatch(error, url) }
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const problem = code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'
    return { code: 'HTTP_UNREACHABLE', text: `dial tcp: lookup ${hostOf(url)}: ${problem}` }
  }
  const system = systemErrors[code]
  if (system !== undefined) return { code: 'HTTP_UNREACHABLE', text: describeSystem(error, system) }
  return describeProtocol(code, message) ?? describeTls(code, message) ?? describeCause(cause, message, url)
}

function describeProtocol(code: string, message: string): Described | undefined {
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return { code: 'HTTP_TIMEOUT', text: 'dial tcp: i/o timeout' }
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { code: 'HTTP_TIMEOUT', text: 'context deadline exceeded' }
    case 'UND_ERR_SOCKET':
      return { code: 'HTTP_PROTOCOL', text: message.includes('other side closed') ? 'EOF' : 'unexpected EOF' }
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { code: 'HTTP_PROTOCOL', text: 'net/http: server response headers exceeded their limit' }
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return { code: 'HTTP_TOO_LARGE', text: 'http: response body too large' }
    case 'UND_ERR_INVALID_ARG':
      return { code: 'HTTP_INVALID_URL', text: message }
    default:
      return code.startsWith('HPE_') ? { code: 'HTTP_PROTOCOL', text: 'malformed HTTP response' } : undefined
  }
}

function describeTls(code: string, message: string): Described | undefined {
  if (!/^(?:EPROTO$|ERR_SSL|ERR_OSSL)/.test(code)) return undefined
  if (/wrong.version.number|packet.length.too.long/i.test(code + message)) {
    return { code: 'HTTP_TLS', text: 'tls: first record does not look like a TLS handshake' }
  }
  const alert = /alert ([a-z ]+?)(?:\s*:|$)/i.exec(message)?.[1]
  return { code: 'HTTP_TLS', text: alert ? `remote error: tls: ${alert}` : `tls: ${code.toLowerCase()}` }
}

function describeCause(cause: unknown, message: string, url: string): Described {
  if (cause !== undefined && cause !== null) return describe(cause, url)
  if (message === 'Proxy response (407) !== 200 when HTTP Tunneling') {
    return { code: 'HTTP_UNREACHABLE', text: 'Proxy Authentication Required' }
  }
  return { code: 'HTTP_PROTOCOL', text: message }
}

function describeSystem(error: unknown, text: string): string {
  const { address, port, syscall } = fieldsOf(error)
  if (syscall === 'connect' && address !== undefined) {
    const host = address.includes(':') ? `[${address}]` : address
    return `dial tcp ${host}:${port ?? 0}: connect: ${text}`
  }
  return syscall === 'read' || syscall === 'write' ? `${syscall} tcp: ${syscall}: ${text}` : text
}

function describeNameMismatch(error: unknown, url: string): string {
  const { cert } = error as { readonly cert?: { readonly subjectaltname?: string } }
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
    .filter((name) => name !== '')
  const host = hostOf(url)
  if (names.length === 0) return 'certificate relies on legacy Common Name field, use SANs instead'
  return `certificate is valid for ${names.join(', ')}, not ${host}`
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : url
}

type ErrorFields = {
  readonly code?: string
  readonly cause?: unknown
  readonly message: string
  readonly address?: string
  readonly port?: number
  readonly syscall?: string
}

function fieldsOf(error: unknown): ErrorFields {
  return error instanceof Error ? error : { message: String(error) }
}
