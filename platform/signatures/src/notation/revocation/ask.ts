import { HttpError, type HttpRequest, readBody, requestFollowing } from '@sluice/ports'
import type { RevocationNetwork } from './status.ts'

/** The answer to a question about a certificate; nothing when there is none that could be used. Plain HTTP, as is usual. */
export async function ask(
  request: HttpRequest,
  { http, signal }: RevocationNetwork,
): Promise<Uint8Array | undefined> {
  if (!request.url.startsWith('http://') || !URL.canParse(request.url)) return undefined
  try {
    const { method } = request
    const response =
      method === 'GET'
        ? (await requestFollowing(http, { ...request, method }, { signal })).response
        : await http.request(request, { signal })
    const body = await readBody(response.body)
    return response.status === 200 ? body : undefined
  } catch (error) {
    if (error instanceof HttpError) return undefined
    throw error
  }
}
