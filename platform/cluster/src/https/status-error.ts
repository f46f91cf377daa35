import { ApiError, type ApiStatus } from '../api-error.ts'
import { isRecord } from '../client/answers.ts'

/** What the client says of an answer that carries no Status. Source: apimachinery, generic server responses. */
const genericReasons = new Map<number, { readonly reason: string; readonly message: string }>([
  [400, { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' }],
  [401, { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' }],
  [403, { reason: 'Forbidden', message: 'the server does not allow access to the requested resource' }],
  [404, { reason: 'NotFound', message: 'the server could not find the requested resource' }],
  [
    405,
    {
      reason: 'MethodNotAllowed',
      message: 'the server does not allow this method on the requested resource',
    },
  ],
  [409, { reason: 'Conflict', message: 'the server reported a conflict' }],
  [410, { reason: 'Expired', message: 'the requested resource version is no longer available' }],
  [413, { reason: 'RequestEntityTooLarge', message: 'the request is larger than the server will accept' }],
  [
    415,
    {
      reason: 'UnsupportedMediaType',
      message: 'the body of the request was in an unknown format',
    },
  ],
  [422, { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' }],
  [429, { reason: 'TooManyRequests', message: 'the server has received too many requests' }],
  [500, { reason: 'InternalError', message: 'an error on the server prevented the request from succeeding' }],
  [
    503,
    {
      reason: 'ServiceUnavailable',
      message: 'the server is currently unable to handle the request',
    },
  ],
  [504, { reason: 'Timeout', message: 'the server was unable to return a response in the time allotted' }],
])

/** The error that an answer with this status and body stands for. */
export function statusError(code: number, body: unknown): ApiError {
  if (isRecord(body) && body['kind'] === 'Status') {
    // Each of its fields is optional, and only read.
    return new ApiError({ code, ...(body as ApiStatus) })
  }
  const generic = genericReasons.get(code) ?? {
    reason: code >= 500 ? 'InternalError' : 'Unknown',
    message: `the server responded with the status code ${code} but did not return more information`,
  }
  return new ApiError({ code, ...generic })
}
