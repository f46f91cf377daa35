import type { ApiRequest } from '@sluice/cluster'
import { type Authorize, attributesOf } from '../auth/authorize.ts'
import { type ServiceAccountTokens, tokenIssuer } from '../auth/service-account-tokens.ts'
import { discoveryAnswer, kubernetesVersion } from '../discovery/discovery.ts'
import { openApiAnswer } from '../discovery/openapi.ts'
import type { ApiResource } from '../registry/api-resource.ts'
import { type ResourceRequest, requestInfo, type Verb } from '../request/request-info.ts'
import type { User } from '../request/user.ts'
import { badRequest, methodNotAllowed, notAcceptable, unknownResource } from '../status/status-error.ts'
import { namedBindingAnswer } from '../subresources/pods.ts'
import { reviewAnswer } from '../subresources/reviews.ts'
import { subresourceAnswer } from '../subresources/subresources.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { createObject } from '../verbs/create.ts'
import { deleteCollection, deleteObject } from '../verbs/delete.ts'
import { patchObject } from '../verbs/patch.ts'
import { getObject, listObjects } from '../verbs/read.ts'
import { updateObject } from '../verbs/update.ts'
import { watchObjects } from '../verbs/watch.ts'
import { pageNotFound, type ServerResponse, textResponse } from './respond.ts'

/** A request with what the front knows about its sender. */
export type ServerRequest = Omit<ApiRequest, 'impersonate'> & {
  readonly user: User
  readonly userAgent: string
  /** How the client reached us, as `host:port`. */
  readonly address: string
  readonly signal: AbortSignal
}

/** What answering needs besides the request. */
export type Services = {
  readonly core: Core
  readonly authorize: Authorize
  readonly tokens: ServiceAccountTokens
}

/**
 * Answers one request.
 *
 * @throws {ApiError} when it is refused
 */
export async function dispatch(services: Services, request: ServerRequest): Promise<ServerResponse> {
  const { core, authorize } = services
  const info = requestInfo(request.method, request.path, request.query)
  authorize(request.user, attributesOf(info))
  if (info.kind === 'other') return answerPath(services, request)
  const resource = core.registry.find(info.group, info.version, info.plural)
  if (!resource) {
    if (!core.registry.hasGroupVersion(info.group, info.version)) return pageNotFound
    throw unknownResource()
  }
  const call = callOf(resource, info, request)
  if (info.verb === 'watch') {
    if (!resource.verbs.includes('watch')) throw methodNotAllowed()
    return {
      kind: 'watch',
      events: watchObjects(core, call),
      warnings: call.warnings,
      resource,
      accept: call.accept,
      query: call.query,
    }
  }
  const answer = await answerCall(services, call, info)
  return {
    kind: 'object',
    status: answer.status,
    body: answer.body,
    // What is worked out anew after a lost race is said once.
    warnings: [...new Set(call.warnings)],
    resource,
  }
}

function callOf(resource: ApiResource, info: ResourceRequest, request: ServerRequest): Call {
  if (!resource.namespaced && info.namespace !== '' && info.plural !== 'namespaces') throw unknownResource()
  return {
    resource,
    namespace: resource.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    query: request.query ?? {},
    user: request.user,
    userAgent: request.userAgent,
    body: request.body,
    contentType: request.contentType ?? 'application/json',
    accept: request.accept ?? '',
    signal: request.signal,
    warnings: resource.deprecation === undefined ? [] : [resource.deprecation],
  }
}

async function answerCall({ core, tokens }: Services, call: Call, info: ResourceRequest): Promise<Answer> {
  const { verb, subresource, name } = info
  const { resource } = call
  const allowed = subresource === '' ? resource : resource.subresources.find((it) => it.name === subresource)
  if (!allowed) throw unknownResource()
  const isCollection = verb === 'list' || verb === 'create' || verb === 'deletecollection'
  const needsName = subresource !== '' || !isCollection
  if (!allowed.verbs.includes(verb) || needsName !== (name !== '')) throw methodNotAllowed()
  if (resource.namespaced && call.namespace === '' && verb !== 'list') {
    if (verb === 'create') throw badRequest('an empty namespace may not be set during creation')
    throw name === '' ? methodNotAllowed() : unknownResource()
  }
  const special =
    subresource === ''
      ? (reviewAnswer(core, call, tokens) ?? (await namedBindingAnswer(core, call)))
      : await subresourceAnswer(core, call, { verb, tokens })
  return special ?? answerVerb(core, call, verb)
}

function answerVerb(core: Core, call: Call, verb: Verb): Answer | Promise<Answer> {
  switch (verb) {
    case 'get':
      return getObject(core, call)
    case 'list':
      return listObjects(core, call)
    case 'create':
      return createObject(core, call)
    case 'update':
      return updateObject(core, call)
    case 'patch':
      return patchObject(core, call)
    case 'delete':
      return deleteObject(core, call)
    case 'deletecollection':
      return deleteCollection(core, call)
    case 'watch':
      throw methodNotAllowed()
  }
}

function answerPath(
  { core: { registry }, tokens }: Services,
  { method, path, query = {}, accept = '', address }: ServerRequest,
): ServerResponse {
  if (method !== 'GET') return pageNotFound
  const openApi = openApiAnswer(registry, path, query['hash'])
  // Clients that would rather have protobuf take JSON; who takes nothing else is told so.
  if (openApi && !takesJson(accept)) throw notAcceptable()
  if (openApi && 'location' in openApi) {
    return { ...textResponse(301, ''), location: openApi.location }
  }
  const found =
    openApi ??
    discoveryAnswer(registry, path, { accept, address }) ??
    issuerAnswer(tokens, path, address) ??
    versionAnswer(path)
  if (found) return { kind: 'object', status: 200, warnings: [], ...found }
  if (/^\/(healthz|readyz|livez)(\/|$)/.test(path)) return textResponse(200, 'ok')
  return pageNotFound
}

/** What others need to check tokens of service accounts. Source: OpenID Connect Discovery 1.0, RFC 7517 */
function issuerAnswer(
  { keySet }: ServiceAccountTokens,
  path: string,
  address: string,
): { readonly body: object; readonly contentType?: string } | undefined {
  switch (path.replace(/\/$/, '')) {
    case '/openid/v1/jwks':
      return { body: keySet, contentType: 'application/jwk-set+json' }
    case '/.well-known/openid-configuration':
      return {
        body: {
          issuer: tokenIssuer,
          jwks_uri: `https://${address}/openid/v1/jwks`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256'],
        },
      }
    default:
      return undefined
  }
}

function takesJson(accept: string): boolean {
  return accept === '' || /(?:^|[\s,])(?:application\/json|application\/\*|\*\/\*)/.test(accept)
}

function versionAnswer(path: string): { readonly body: object } | undefined {
  if (path !== '/version' && path !== '/version/') return undefined
  const { major, minor, gitVersion } = kubernetesVersion
  return {
    body: {
      major,
      minor,
      emulationMajor: major,
      emulationMinor: minor,
      minCompatibilityMajor: major,
      minCompatibilityMinor: String(Number(minor) - 1),
      gitVersion,
      gitCommit: '',
      gitTreeState: 'clean',
      buildDate: '1970-01-01T00:00:00Z',
      goVersion: 'none',
      compiler: 'sluice',
      platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    },
  }
}
