import type { HttpResponse } from '@sluice/ports'
import { OciError, type OciErrorCode } from '../oci-error.ts'

const maxErrorBytes = 64 * 1024

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

/** `404 Not Found`. */
export function statusLine(status: number): string {
  return `${status} ${statusTexts[status] ?? ''}`.trim()
}

/**
 * The error that a response of a registry stands for, as go-containerregistry prints it:
 * `GET https://host/v2/…: CODE: message; detail`.
 */
export async function errorFrom(response: HttpResponse, method: string, url: string): Promise<OciError> {
  const body = await readStart(response)
  const errors = errorsIn(body)
  const { status } = response
  const text =
    errors.length === 0
      ? describeStatus(status, method, body)
      : errors.length === 1
        ? errors[0]
        : `multiple errors returned: ${errors.join('; ')}`
  return new OciError(codeOf(status), `${method} ${withoutSecrets(url)}: ${text}`, { status })
}

/** Parameters that are a part of the protocol. Others may be secrets, since redirects carry signatures in addresses. */
const shownParameters: ReadonlySet<string> = new Set([
  'scope',
  'service',
  'mount',
  'from',
  'digest',
  'n',
  'last',
])

/** Source: go-containerregistry, pkg/v1/remote/transport, redaction of addresses in errors. */
function withoutSecrets(url: string): string {
  const start = url.indexOf('?')
  if (start < 0) return url
  const parameters = new URLSearchParams(url.slice(start + 1))
  for (const name of new Set(parameters.keys())) {
    if (!shownParameters.has(name)) parameters.set(name, 'REDACTED')
  }
  parameters.sort()
  return `${url.slice(0, start)}?${parameters.toString()}`
}

function codeOf(status: number): OciErrorCode {
  if (status === 401 || status === 403) return 'OCI_UNAUTHORIZED'
  return status === 404 ? 'OCI_NOT_FOUND' : 'OCI_REGISTRY'
}

function describeStatus(status: number, method: string, body: string): string {
  const line = `unexpected status code ${statusLine(status)}`
  if (body !== '') return `${line}: ${body}`
  return method === 'HEAD' ? `${line} (HEAD responses have no body, use GET for details)` : line
}

function errorsIn(body: string): readonly string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch (error) {
    // Proxies in between answer in HTML; that is shown as it is.
    if (error instanceof SyntaxError) return []
    throw error
  }
  const { errors } = (parsed ?? {}) as { readonly errors?: unknown }
  if (!Array.isArray(errors)) return []
  return errors.map(
    (it: { readonly code?: string; readonly message?: string; readonly detail?: unknown }) => {
      const detail = it.detail === undefined || it.detail === null ? '' : `; ${formatGo(it.detail)}`
      return `${it.code ?? ''}: ${it.message ?? ''}${detail}`
    },
  )
}

/** A JSON value as Go's `%v` prints it. */
function formatGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatGo).join(' ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, item]) => `${key}:${formatGo(item)}`).join(' ')}]`
  }
  if (value === null) return '<nil>'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function readStart({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= maxErrorBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxErrorBytes).trim()
}
