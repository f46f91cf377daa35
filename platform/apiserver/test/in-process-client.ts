import { ApiError, type ApiRequest } from '@sluice/cluster'
import type { JsonValue, KubeObject } from '@sluice/ports'
import { type ApiServer, inProcessTransport, type User } from '../src/index.ts'

const { signal } = new AbortController()

type Answer = {
  readonly code: number
  readonly body: KubeObject & Record<string, never>
  readonly message: string
}

export type Client = (
  method: ApiRequest['method'],
  path: string,
  options?: Pick<ApiRequest, 'query' | 'contentType' | 'accept'> & { readonly body?: unknown },
) => Promise<Answer>

/** Asks a server in the process; a refusal is an answer too. */
export function inProcessClient(server: ApiServer, user?: User): Client {
  const transport = inProcessTransport(server, user)
  return async (method, path, { body, ...options } = {}) => {
    try {
      const request = { method, path, ...options, ...(body === undefined ? {} : { body: body as JsonValue }) }
      const { status, body: answer } = await transport.request(request, { signal })
      return { code: status, body: answer as Answer['body'], message: '' }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return { code: error.statusCode, body: {} as Answer['body'], message: error.message }
    }
  }
}
