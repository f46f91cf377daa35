import { ToolkitError } from './errors.ts'

/** TLS material for one request; all PEM. Without `ca` the host's roots are trusted. */
export type HttpTls = {
  readonly ca?: string
  /** Whether the host's roots are trusted beside `ca`. */
  readonly trustsHostRoots?: boolean
  readonly certificate?: string
  readonly key?: string
  /** Server name to verify instead of the URL's host. */
  readonly serverName?: string
  /** Accept any certificate. Only where a user asked for it in writing. */
  readonly insecureSkipVerify?: boolean
}

/** A forward proxy for one request. */
export type HttpProxy = { readonly url: string; readonly username?: string; readonly password?: string }

/** One request. Nothing is remembered between requests except connections. */
export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** A list is sent as a header a value. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Uint8Array | string | AsyncIterable<Uint8Array>
  readonly tls?: HttpTls
  readonly proxy?: HttpProxy
  /** The body read ends in `HTTP_TOO_LARGE` once it exceeds this. */
  readonly maxBodyBytes: number
  /** From the first byte sent to the last byte read. */
  readonly timeoutMs: number
}

/** A response. Redirects are handed back as they are: the caller decides what may follow and with which credentials. */
export type HttpResponse = {
  readonly status: number
  /** Names in lower case; repeated headers are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>
  /** The body as it arrives, never decompressed. Must be read to its end or cancelled by `return`. */
  readonly body: AsyncIterable<Uint8Array>
}

/** HTTP, one exchange at a time. */
export interface Http {
  /** @throws {HttpError} when no response arrives; an HTTP status is never an error here. */
  request(request: HttpRequest, options: { readonly signal: AbortSignal }): Promise<HttpResponse>
}

/** Why no usable response arrived. */
export type HttpErrorCode =
  | 'HTTP_UNREACHABLE'
  | 'HTTP_TIMEOUT'
  | 'HTTP_TLS'
  | 'HTTP_TOO_LARGE'
  | 'HTTP_PROTOCOL'
  | 'HTTP_INVALID_URL'

/** A request failed below the level of HTTP statuses. The URL is kept without its credentials. */
export class HttpError extends ToolkitError {
  override readonly name = 'HttpError'
  readonly url: string

  constructor(code: HttpErrorCode, url: string, message: string, options?: ErrorOptions) {
    super(code, message, options)
    this.url = url
  }
}

/** Reads a body to its end. `maxBodyBytes` of the request has bounded it already. */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0]
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
