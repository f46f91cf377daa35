import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import { tokenIssuer } from '../auth/service-account-tokens.ts'
import { invalidValue } from '../status/field-error.ts'
import { badRequest, invalid } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { isObject, parseBody } from '../verbs/decode.ts'
import { formatTime, newUid } from '../verbs/metadata.ts'
import { currentObject } from '../verbs/read.ts'

const defaultSeconds = 3600
const shortestSeconds = 600
const longestSeconds = 2 ** 32

/** Issues a token for a service account. */
export function tokenAnswer(core: Core, call: Call, tokens: ServiceAccountTokens): Answer {
  const { metadata } = currentObject(core, call)
  const body = parseBody(call, (why) => badRequest(why))
  const spec = isObject(body) && isObject(body.spec) ? body.spec : {}
  const seconds = typeof spec.expirationSeconds === 'number' ? spec.expirationSeconds : defaultSeconds
  const audiences = Array.isArray(spec.audiences) ? (spec.audiences as readonly string[]) : []
  const wanted = audiences.length === 0 ? [tokenIssuer] : audiences
  const field = 'spec.expirationSeconds'
  const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
  if (seconds < shortestSeconds) {
    throw invalid(kind, '', [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')])
  }
  if (seconds > longestSeconds) {
    throw invalid(kind, '', [
      invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'),
    ])
  }
  const { name = '', namespace = '', uid = '' } = metadata
  const expires = Math.floor(core.clock.now() / 1000) + seconds
  const token = tokens.issue(
    { namespace, name, uid },
    { audiences: wanted, expires, id: newUid(core.random) },
  )
  return {
    status: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(core.clock.now()) },
      spec: { audiences: wanted, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
      status: { token, expirationTimestamp: formatTime(expires * 1000) },
    },
  }
}
