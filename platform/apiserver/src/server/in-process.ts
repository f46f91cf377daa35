import { ApiError, type ApiRequest, type ApiResponse, type Transport, type WatchEvent } from '@sluice/cluster'
import { administrator, type User } from '../request/user.ts'
import { statusError } from '../status/status-error.ts'
import type { ApiServer } from './api-server.ts'
import type { ServerRequest } from './dispatch.ts'

type InProcess = Pick<ApiServer, 'handle' | 'impersonate'>

/**
 * Reaches a server in the same process: no sockets, no JSON. Objects handed in are kept and frozen, objects handed out
 * are frozen and shared.
 *
 * @param user who asks; the administrator when absent
 */
export function inProcessTransport(server: InProcess, user: User = administrator): Transport {
  return {
    request: async (request, { signal }) => {
      const response = await server.handle(serverRequest(server, request, { user, signal }))
      switch (response.kind) {
        case 'object':
          return { status: response.status, body: response.body, warnings: response.warnings }
        case 'text':
          return textAnswer(response.status, response.text)
        case 'watch':
          throw statusError(400, 'BadRequest', { message: 'a watch is opened with watch' })
      }
    },
    watch: (request, { signal }) => openWatch(server, serverRequest(server, request, { user, signal })),
  }
}

async function* openWatch(server: InProcess, request: ServerRequest): AsyncGenerator<WatchEvent> {
  const response = await server.handle({ ...request, query: { ...request.query, watch: 'true' } })
  if (response.kind !== 'watch') {
    throw statusError(404, 'NotFound', { message: 'the resource cannot be watched' })
  }
  yield* response.events
  request.signal.throwIfAborted()
}

function serverRequest(
  server: InProcess,
  { impersonate, ...request }: ApiRequest,
  { user, signal }: { readonly user: User; readonly signal: AbortSignal },
): ServerRequest {
  return {
    ...request,
    user: impersonate
      ? server.impersonate(user, {
          name: impersonate.userName,
          groups: impersonate.groups ?? [],
          uid: impersonate.uid,
          extra: {},
        })
      : user,
    userAgent: 'sluice',
    address: 'in-process',
    signal,
  }
}

function textAnswer(status: number, text: string): ApiResponse {
  if (status < 400) return { status, body: text, warnings: [] }
  throw new ApiError({ code: status, message: text.trim(), reason: status === 404 ? 'NotFound' : '' })
}
