import { CelError, type Program } from '@sluice/cel'
import { type JsonObject, type JsonValue, type KubeObject, parseApiVersion } from '@sluice/ports'
import { listOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import { type LabelSelector, matchesLabels } from '../kinds/selector.ts'
import { storageKey, storagePrefix } from '../registry/api-resource.ts'
import type { Registry } from '../registry/registry.ts'
import { printResource, statusError } from '../status/status-error.ts'
import type { Storage } from '../storage/storage.ts'
import type { Admission, AdmissionRequest } from '../verbs/call.ts'
import { newUid } from '../verbs/metadata.ts'
import { matchesRequest } from './policy-match.ts'
import { declareVariables, PolicyRun, PolicyScope, type PolicyVariable } from './policy-program.ts'

const group = '/admissionregistration.k8s.io'
const bindingPrefix = `${group}/validatingadmissionpolicybindings/`
const exempt = 'admissionregistration.k8s.io'

type Services = { readonly storage: Storage; readonly registry: Registry }

/**
 * Policies in CEL that users have bound to requests.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function validatingPolicies(services: Services): Admission {
  return {
    mutate: (_request, object) => object,
    validate: (request) => {
      const { objects } = services.storage.list(bindingPrefix)
      // Policies cannot lock their own author out.
      if (objects.length === 0 || request.call.resource.group === exempt) return
      for (const binding of objects) validateBinding(services, request, binding)
    },
  }
}

function validateBinding(services: Services, request: AdmissionRequest, binding: KubeObject): void {
  const spec = objectOf(binding['spec'])
  const policy = services.storage.get(`${group}/validatingadmissionpolicies//${textOf(spec.policyName)}`)
  if (!policy) return
  const policySpec = objectOf(policy['spec'])
  const { storage } = services
  if (!matchesRequest(objectOf(policySpec.matchConstraints), request, storage)) return
  const { matchResources } = spec
  if (matchResources !== undefined && !matchesRequest(objectOf(matchResources), request, storage)) return
  const compiled = compiledOf(policy)
  const params = paramsOf(services, request, { policySpec, spec })
  const bound: Bound = { policy, binding, request, compiled }
  if (params === 'missing') {
    const why =
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    act(bound, why, 'Invalid')
    return
  }
  for (const param of params) evaluate(bound, param, services)
}

type Bound = {
  readonly policy: KubeObject
  readonly binding: KubeObject
  readonly request: AdmissionRequest
  readonly compiled: Compiled
}

type Check = {
  readonly expression: string
  readonly program: Program
  readonly message: string
  readonly messageProgram: Program | undefined
  readonly reason: string
}

type Compiled = {
  readonly variables: readonly PolicyVariable[]
  readonly conditions: readonly Program[]
  readonly checks: readonly Check[]
  readonly ignoresFailure: boolean
}

// A policy is compiled once, however many requests it sees.
const compiledPolicies = new WeakMap<KubeObject, Compiled>()

function compiledOf(policy: KubeObject): Compiled {
  let compiled = compiledPolicies.get(policy)
  if (!compiled) compiledPolicies.set(policy, (compiled = compilePolicy(objectOf(policy['spec']))))
  return compiled
}

function compilePolicy(spec: JsonObject): Compiled {
  const scope = new PolicyScope(spec.paramKind !== undefined)
  const programOf = (text: unknown): Program | undefined => {
    const found = scope.compile(textOf(text), 'any')
    // What cannot be compiled was refused when the policy was written.
    return 'problem' in found ? undefined : found
  }
  return {
    ignoresFailure: spec.failurePolicy === 'Ignore',
    variables: declareVariables(scope, spec),
    conditions: listOf(spec.matchConditions).flatMap((it) => programOf(it.expression) ?? []),
    checks: listOf(spec.validations).flatMap((it) => {
      const program = programOf(it.expression)
      if (!program) return []
      return [
        {
          expression: textOf(it.expression),
          program,
          message: textOf(it.message),
          messageProgram: it.messageExpression === undefined ? undefined : programOf(it.messageExpression),
          reason: textOf(it.reason) || 'Invalid',
        },
      ]
    }),
  }
}

function evaluate(bound: Bound, params: JsonValue, { storage }: Services): void {
  const { compiled, request } = bound
  const run = new PolicyRun(
    {
      object: asJson(request.object),
      oldObject: asJson(request.oldObject),
      request: requestValue(request),
      params,
      namespaceObject: asJson(storage.get(`//namespaces//${request.call.namespace}`)),
    },
    compiled.variables,
  )
  for (const condition of compiled.conditions) {
    const value = run.evaluate(condition)
    if (value instanceof CelError) {
      if (!compiled.ignoresFailure) {
        act(bound, `match condition resulted in error: ${value.message}`, 'Invalid')
      }
      return
    }
    if (value !== true) return
  }
  for (const check of compiled.checks) {
    const value = run.evaluate(check.program)
    if (value === true) continue
    if (value instanceof CelError) {
      if (compiled.ignoresFailure) continue
      act(bound, `expression '${check.expression.trim()}' resulted in error: ${value.message}`, check.reason)
    } else {
      act(bound, messageOf(check, run), check.reason)
    }
  }
}

function messageOf({ expression, message, messageProgram }: Check, run: PolicyRun): string {
  const made = messageProgram && run.evaluate(messageProgram)
  if (typeof made === 'string' && made.trim() !== '' && !made.includes('\n')) return made.trim()
  return message.trim() === '' ? `failed expression: ${expression.trim()}` : message.trim()
}

const codes: ReadonlyMap<string, number> = new Map([
  ['Unauthorized', 401],
  ['Forbidden', 403],
  ['RequestEntityTooLarge', 413],
  ['Invalid', 422],
])

/** Does what the binding wants done about a failed validation. @throws {ApiError} when that is to deny */
function act({ policy, binding, request }: Bound, message: string, reason: string): void {
  const actions = stringsOf(objectOf(binding['spec']).validationActions)
  const who = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
  const { resource, name, warnings } = request.call
  if (actions.includes('Warn')) warnings.push(`Validation failed for ${who}: ${message}`)
  if (!actions.includes('Deny')) return
  const denial = `${who} denied request: ${message}`
  throw statusError(codes.get(reason) ?? 422, reason, {
    message: `${printResource(resource)} ${JSON.stringify(name)} is forbidden: ${denial}`,
    details: {
      name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      causes: [{ message: denial }],
    },
  })
}

/** Parameters to evaluate with: one null for a policy without, none where none are needed, or that they are missing. */
function paramsOf(
  { storage, registry }: Services,
  { call }: AdmissionRequest,
  { policySpec, spec }: { readonly policySpec: JsonObject; readonly spec: JsonObject },
): readonly JsonValue[] | 'missing' {
  if (policySpec.paramKind === undefined) return [null]
  const { apiVersion, kind } = objectOf(policySpec.paramKind)
  const { name, namespace, selector, parameterNotFoundAction } = objectOf(spec.paramRef)
  const { group: paramGroup, version } = parseApiVersion(textOf(apiVersion))
  const resource = registry.findKind(paramGroup, version, textOf(kind))
  const missing = parameterNotFoundAction === 'Allow' ? [] : ('missing' as const)
  if (!resource) return missing
  const place = resource.namespaced ? textOf(namespace) || call.namespace : ''
  if (name !== undefined) {
    const stored = storage.get(storageKey(resource, place, textOf(name)))
    return stored ? [asJson(stored)] : missing
  }
  const found = storage
    .list(storagePrefix(resource, place))
    .objects.filter((it) => matchesLabels(objectOf(selector) as LabelSelector, it.metadata.labels ?? {}))
  return found.length === 0 ? missing : found.map(asJson)
}

function requestValue({ operation, call, dryRun }: AdmissionRequest): JsonObject {
  const { resource, subresource, name, namespace, user } = call
  const { version } = resource
  const kind = { group: resource.group, version, kind: resource.kind }
  const what = { group: resource.group, version, resource: resource.plural }
  return {
    uid: newUid({ float: () => 0, bytes: (length) => new Uint8Array(length) }),
    kind,
    resource: what,
    subResource: subresource,
    requestKind: kind,
    requestResource: what,
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: {
      username: user.name,
      uid: user.uid ?? '',
      groups: user.groups,
      extra: user.extra ?? {},
    },
    dryRun,
    options: {},
  }
}

function asJson(object: KubeObject | undefined): JsonValue {
  return (object ?? null) as unknown as JsonValue
}
