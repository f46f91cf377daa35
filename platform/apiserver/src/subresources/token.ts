import type { JsonValue } from '@sluice/ports'
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts'
import { tokenIssuer } from '../auth/service-account-tokens.ts'
import { invalidValue } from '../status/field-error.ts'
import { badRequest, conflict, invalid, notFound } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { isObject, parseBody } from '../verbs/decode.ts'
import { formatTime, newUid } from '../verbs/metadata.ts'
import { currentObject } from '../verbs/read.ts'

/** What tokens can be bound to. */
const bindable: ReadonlyMap<string, ApiGroupResource> = new Map([
  ['Pod', { plural: 'pods', namespaced: true }],
  ['Secret', { plural: 'secrets', namespaced: true }],
  ['Node', { plural: 'nodes', namespaced: false }],
])

type ApiGroupResource = { readonly plural: string; readonly namespaced: boolean }

/** @throws {ApiError} when the token is to be bound to what is not there */
function checkBound({ storage }: Core, { namespace }: Call, reference: unknown): void {
  if (!isObject(reference)) return
  const { kind, apiVersion = 'v1', name, uid } = reference
  const bound = typeof kind === 'string' && apiVersion === 'v1' ? bindable.get(kind) : undefined
  if (!bound) throw badRequest(`cannot bind token to object of type ${printKind(apiVersion, kind)}`)
  const { plural, namespaced } = bound
  const own = typeof name === 'string' ? name : ''
  const object = storage.get(`//${plural}/${namespaced ? namespace : ''}/${own}`)
  if (!object) throw notFound({ group: '', plural }, own)
  if (typeof uid === 'string' && uid !== '' && uid !== object.metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', plural: typeof kind === 'string' ? kind : '' }, own, why)
  }
}

function printKind(apiVersion: JsonValue, kind: JsonValue | undefined): string {
  const version = typeof apiVersion === 'string' ? apiVersion : ''
  return `${version.includes('/') ? '' : '/'}${version}, Kind=${typeof kind === 'string' ? kind : ''}`
}

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
  checkBound(core, call, spec.boundObjectRef)
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
