import { type Http, type HttpTls, readBody } from '@sluice/ports'
import { SopsError } from '../sops-error.ts'

/** How key services are reached. */
export type KeyServiceHttp = {
  readonly http: Http
  readonly tls?: HttpTls
}

export type JsonCall = {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, text as a form. */
  readonly body?: object | string
}

const maxBodyBytes = 1024 * 1024
const timeoutMs = 30_000

/**
 * One request for JSON. Its body may hold secrets, so no part of it enters an error; only the status does.
 *
 * @throws {SopsError} when the answer is not one of success with a JSON object.
 */
export async function callJson(
  { http, tls }: KeyServiceHttp,
  { method = 'POST', url, headers = {}, body }: JsonCall,
  { signal }: { readonly signal: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const isForm = typeof body === 'string'
  const response = await http.request(
    {
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(body === undefined
          ? {}
          : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(tls ? { tls } : {}),
      maxBodyBytes,
      timeoutMs,
    },
    { signal },
  )
  const answer = await readBody(response.body)
  const place = new URL(url).host
  if (response.status < 200 || response.status > 299) {
    throw new SopsError('SOPS_KEY_REFUSED', `${place} answered with status ${response.status}`)
  }
  const value = parse(new TextDecoder().decode(answer))
  if (typeof value !== 'object' || value === null) {
    throw new SopsError('SOPS_KEY_REFUSED', `${place} did not answer with a JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

/** A text field of an answer, or of an object within it. */
export function textField(answer: unknown, ...path: readonly string[]): string {
  let value = answer
  for (const name of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  }
  if (typeof value === 'string' && value !== '') return value
  throw new SopsError('SOPS_KEY_REFUSED', `the key service's answer has no ${path.join('.')}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message would quote the answer.
    return undefined
  }
}
