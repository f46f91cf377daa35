import type { JsonObject, JsonValue, KubeObject } from '@sluice/ports'
import { type Attributes, decide, type PolicyRule, rulesOf } from '../auth/rbac.ts'
import { type ServiceAccountTokens, tokenIssuer } from '../auth/service-account-tokens.ts'
import { decodeTyped } from '../kinds/typed-decode.ts'
import { writeOptions } from '../request/options.ts'
import type { User } from '../request/user.ts'
import { invalidValue, required } from '../status/field-error.ts'
import { badRequest, invalid } from '../status/status-error.ts'
import type { Answer, Call, Core } from '../verbs/call.ts'
import { decodeObject, isObject } from '../verbs/decode.ts'
import { timestamp } from '../verbs/metadata.ts'
import { recordUpdate, writeContext } from '../verbs/ownership.ts'

/** Resources that store nothing: what is created is answered. `undefined` for all other resources. */
export function reviewAnswer(core: Core, call: Call, tokens: ServiceAccountTokens): Answer | undefined {
  const { resource } = call
  switch (`${resource.group}/${resource.plural}`) {
    case 'authorization.k8s.io/selfsubjectaccessreviews':
      return accessReview(core, call, { self: true })
    case 'authorization.k8s.io/subjectaccessreviews':
    case 'authorization.k8s.io/localsubjectaccessreviews':
      return accessReview(core, call, { self: false })
    case 'authorization.k8s.io/selfsubjectrulesreviews':
      return rulesReview(core, call)
    case 'authentication.k8s.io/selfsubjectreviews':
      return selfReview(core, call)
    case 'authentication.k8s.io/tokenreviews':
      return tokenReview(core, call, tokens)
    default:
      return undefined
  }
}

function read(core: Core, call: Call): KubeObject {
  const options = writeOptions(call.query, { kind: 'CreateOptions', userAgent: call.userAgent })
  const object = decodeTyped(decodeObject(call), call, options.fieldValidation)
  const context = writeContext(call.resource, {
    manager: options.fieldManager,
    subresource: '',
    now: timestamp(core.clock),
  })
  return recordUpdate(undefined, object, context)
}

function specOf(object: KubeObject): JsonObject {
  const spec = object['spec']
  return isObject(spec) ? spec : {}
}

function accessReview(core: Core, call: Call, { self }: { readonly self: boolean }): Answer {
  const object = read(core, call)
  const spec = specOf(object)
  const { resource } = call
  if (!isObject(spec.resourceAttributes) && !isObject(spec.nonResourceAttributes)) {
    throw invalid(resource, object.metadata.name ?? '', [
      invalidValue(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    ])
  }
  if (isObject(spec.resourceAttributes) && isObject(spec.nonResourceAttributes)) {
    const { path, verb } = spec.nonResourceAttributes
    const shown = { Path: text(path), Verb: text(verb) }
    const both = 'cannot be specified in combination with resourceAttributes'
    throw invalid(resource, object.metadata.name ?? '', [
      invalidValue('spec.nonResourceAttributes', shown, both),
    ])
  }
  if (!self && text(spec.user) === '' && !Array.isArray(spec.groups)) {
    throw invalid(resource, object.metadata.name ?? '', [
      required('spec.user', 'at least one of user or group must be specified'),
    ])
  }
  const user: User = self
    ? call.user
    : { name: text(spec.user), groups: Array.isArray(spec.groups) ? (spec.groups as readonly string[]) : [] }
  if (resource.namespaced && isObject(spec.resourceAttributes)) {
    const { namespace } = spec.resourceAttributes
    if (namespace !== call.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${call.namespace}`)
    }
  }
  const { allowed, reason } = decide(core.storage, user, attributesIn(spec))
  return {
    status: 201,
    body: { ...object, status: { allowed, ...(reason === '' ? {} : { reason }) } },
  }
}

function attributesIn({ resourceAttributes, nonResourceAttributes }: JsonObject): Attributes {
  if (!isObject(resourceAttributes)) {
    const { verb, path } = isObject(nonResourceAttributes) ? nonResourceAttributes : {}
    return { kind: 'path', verb: text(verb), path: text(path) }
  }
  const { verb, group, resource, subresource, namespace, name } = resourceAttributes
  const plural = text(resource)
  return {
    kind: 'resource',
    verb: text(verb),
    group: text(group),
    resource: text(subresource) === '' ? plural : `${plural}/${text(subresource)}`,
    namespace: text(namespace),
    name: text(name),
  }
}

function rulesReview(core: Core, call: Call): Answer {
  const spec = specOf(read(core, call))
  const namespace = text(spec.namespace)
  if (namespace === '') throw badRequest('no namespace on request')
  const rules = rulesOf(core.storage, call.user, namespace)
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.filter((it) => (it.resources ?? []).length > 0).map(resourceRule),
        nonResourceRules: rules
          .filter((it) => (it.nonResourceURLs ?? []).length > 0)
          .map(({ verbs = [], nonResourceURLs = [] }) => ({ verbs, nonResourceURLs })),
        incomplete: false,
      },
    },
  }
}

function resourceRule({
  verbs = [],
  apiGroups = [],
  resources = [],
  resourceNames = [],
}: PolicyRule): object {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) }
}

function selfReview({ clock }: Core, { user }: Call): Answer {
  return {
    status: 201,
    body: {
      kind: 'SelfSubjectReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: timestamp(clock) },
      status: { userInfo: userInfo(user) },
    },
  }
}

function tokenReview(core: Core, call: Call, tokens: ServiceAccountTokens): Answer {
  const object = read(core, call)
  const spec = specOf(object)
  if (text(spec.token) === '') throw badRequest('token is required for TokenReview in authentication')
  const wanted = Array.isArray(spec.audiences) ? (spec.audiences as readonly string[]) : []
  const audiences = wanted.length === 0 ? [tokenIssuer] : wanted
  const found = audiences.find((it) => tokens.review(text(spec.token), it))
  const user = found === undefined ? undefined : tokens.review(text(spec.token), found)
  return {
    status: 201,
    body: {
      ...object,
      spec: { token: text(spec.token), ...(wanted.length === 0 ? {} : { audiences: wanted }) },
      status: user
        ? { authenticated: true, user: userInfo(user), audiences: [found] }
        : { user: {}, error: 'invalid bearer token' },
    },
  }
}

function userInfo({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  }
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
