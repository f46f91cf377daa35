import { ApiError, type ApiStatus } from '@sluice/cluster'
import type { FieldError } from './field-error.ts'

/** Group and plural of a resource, as errors name it. */
export type GroupResource = { readonly group: string; readonly plural: string }
export type GroupKind = { readonly group: string; readonly kind: string }

type Details = ApiStatus['details']

export function statusError(
  code: number,
  reason: string,
  { message, details, continueToken }: StatusText,
): ApiError {
  const status: FullStatus = {
    message,
    ...(reason === '' ? {} : { reason }),
    ...(details ? { details } : {}),
    ...(continueToken === undefined ? {} : { metadata: { continue: continueToken } }),
    code,
  }
  return new ApiError(status)
}

type FullStatus = ApiStatus & { readonly metadata?: { readonly continue: string } }
type StatusText = { readonly message: string; readonly details?: Details; readonly continueToken?: string }

/** `deployments.apps` or `configmaps`. */
export function printResource({ group, plural }: GroupResource): string {
  return group === '' ? plural : `${plural}.${group}`
}

export function notFound(resource: GroupResource, name: string): ApiError {
  return statusError(404, 'NotFound', {
    message: `${printResource(resource)} ${JSON.stringify(name)} not found`,
    details: named(name, resource.group, resource.plural),
  })
}

/** There is no such resource at all. */
export function unknownResource(): ApiError {
  return statusError(404, 'NotFound', {
    message: 'the server could not find the requested resource',
    details: {},
  })
}

export function alreadyExists(resource: GroupResource, name: string): ApiError {
  return statusError(409, 'AlreadyExists', {
    message: `${printResource(resource)} ${JSON.stringify(name)} already exists`,
    details: named(name, resource.group, resource.plural),
  })
}

export function conflict(resource: GroupResource, name: string, cause: string): ApiError {
  return statusError(409, 'Conflict', {
    message: `Operation cannot be fulfilled on ${printResource(resource)} ${JSON.stringify(name)}: ${cause}`,
    details: named(name, resource.group, resource.plural),
  })
}

export const modified =
  'the object has been modified; please apply your changes to the latest version and try again'

export function badRequest(message: string): ApiError {
  return statusError(400, 'BadRequest', { message })
}

export function forbidden(
  resource: GroupResource,
  name: string,
  { cause, causes }: { readonly cause: string; readonly causes?: NonNullable<Details>['causes'] },
): ApiError {
  const what =
    name === '' ? `${printResource(resource)} is` : `${printResource(resource)} ${JSON.stringify(name)} is`
  return statusError(403, 'Forbidden', {
    message: `${what} forbidden: ${cause}`,
    details: { ...named(name, resource.group, resource.plural), ...(causes ? { causes } : {}) },
  })
}

/** The object is malformed: one cause a field; the message names each problem once. */
export function invalid({ group, kind }: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map((it) => `${it.field}: ${it.message}`))]
  const problems = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const type = group === '' ? kind : `${kind}.${group}`
  return statusError(422, 'Invalid', {
    message: `${type} ${JSON.stringify(name)} is invalid: ${problems}`,
    details: {
      ...named(name, group, kind),
      causes: errors.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  })
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return statusError(415, 'UnsupportedMediaType', {
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  })
}

export function notAcceptable(): ApiError {
  return statusError(406, 'NotAcceptable', {
    message:
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  })
}

export function methodNotAllowed(): ApiError {
  return statusError(405, 'MethodNotAllowed', {
    message: 'the server does not allow this method on the requested resource',
    details: {},
  })
}

export function expired(message: string): ApiError {
  return statusError(410, 'Expired', { message })
}

export function tooManyRequests(retryAfterSeconds: number): ApiError {
  return statusError(429, 'TooManyRequests', {
    message: 'Too many requests, please try again later.',
    details: { retryAfterSeconds },
  })
}

export function tooLarge(message: string): ApiError {
  return statusError(413, 'RequestEntityTooLarge', { message })
}

export function internalError(message: string): ApiError {
  return statusError(500, 'InternalError', {
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  })
}

export function unauthorized(): ApiError {
  return statusError(401, 'Unauthorized', { message: 'Unauthorized' })
}

function named(name: string, group: string, kind: string): NonNullable<Details> {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(kind === '' ? {} : { kind }),
  }
}

/** The error as the `Status` object that goes over the wire. */
export function statusObject(error: ApiError): object {
  const { message, reason, details, code, metadata }: FullStatus = error.status
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: metadata ?? {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  }
}
