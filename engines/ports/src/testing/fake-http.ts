import { type Http, HttpError, type HttpRequest } from '../http.ts'

/** What the test answers to one request. */
export type FakeResponse = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** An {@link Http} whose answers come from `answer`; `undefined` means that nothing listens there. */
export function fakeHttp(
  answer: (request: HttpRequest) => FakeResponse | undefined,
): Http & { readonly requests: readonly HttpRequest[] } {
  const requests: HttpRequest[] = []
  return {
    requests,
    request: async (request, { signal }) => {
      signal.throwIfAborted()
      requests.push(request)
      const response = answer(request)
      if (!response) throw new HttpError('HTTP_UNREACHABLE', request.url, 'connection refused')
      const { body = '' } = response
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
      return {
        status: response.status,
        headers: new Map(
          Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: once(bytes, request),
      }
    },
  }
}

async function* once(bytes: Uint8Array, { url, maxBodyBytes }: HttpRequest): AsyncGenerator<Uint8Array> {
  if (bytes.length > maxBodyBytes) {
    throw new HttpError('HTTP_TOO_LARGE', url, `response exceeds ${maxBodyBytes} bytes`)
  }
  yield bytes
}
