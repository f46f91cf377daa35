import type { JsonObject, KubeObject } from '@sluice/ports'
import { parseApiVersion } from '@sluice/ports'
import { listOf, objectOf, stringsOf, textOf } from '../kinds/json-fields.ts'
import type { ApiResource } from '../registry/api-resource.ts'
import type { Registry } from '../registry/registry.ts'
import { declareVariables, PolicyScope } from './policy-program.ts'
import { declareKind } from './policy-types.ts'

export type ExpressionWarning = { readonly fieldRef: string; readonly warning: string }

const maxKinds = 10

/**
 * What is wrong with the expressions of a policy for the kinds that it is about, as far as these are named. Nobody is
 * refused for it: the policy's status tells.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
 */
export function expressionWarnings(policy: KubeObject, registry: Registry): ExpressionWarning[] {
  const spec = objectOf(policy['spec'])
  const scopes = matchedKinds(spec, registry).map((resource) => ({
    resource,
    scope: scopeFor(spec, resource, registry),
  }))
  const check = (text: unknown, fieldRef: string): ExpressionWarning[] => {
    if (textOf(text) === '') return []
    const problems = scopes.flatMap(({ resource, scope }) => {
      const found = scope.compile(textOf(text), 'any')
      const { group, version, kind } = resource
      return 'problem' in found ? [`${group}/${version}, Kind=${kind}: ${found.problem}\n`] : []
    })
    return problems.length === 0 ? [] : [{ fieldRef, warning: problems.join('\n') }]
  }
  return listOf(spec.validations).flatMap((it, index) => [
    ...check(it.expression, `spec.validations[${index}].expression`),
    ...check(it.messageExpression, `spec.validations[${index}].messageExpression`),
  ])
}

function scopeFor(spec: JsonObject, resource: ApiResource, registry: Registry): PolicyScope {
  const { paramKind } = spec
  const { group, version } = parseApiVersion(textOf(objectOf(paramKind).apiVersion))
  const params =
    paramKind === undefined ? undefined : registry.findKind(group, version, textOf(objectOf(paramKind).kind))
  const scope = new PolicyScope(paramKind !== undefined, {
    object: declareKind(resource.kind, resource.type),
    params: params && declareKind(`${params.kind}Params`, params.type),
  })
  declareVariables(scope, spec)
  return scope
}

/** The kinds that the rules of a policy name without wildcards, in order. */
function matchedKinds(spec: JsonObject, registry: Registry): ApiResource[] {
  const named = listOf(objectOf(spec.matchConstraints).resourceRules).flatMap(
    ({ apiGroups, apiVersions, resources }) =>
      stringsOf(apiGroups).flatMap((group) =>
        stringsOf(apiVersions).flatMap((version) =>
          stringsOf(resources).flatMap((plural) => registry.find(group, version, plural) ?? []),
        ),
      ),
  )
  const found = new Map(named.map((it) => [`${it.group}/${it.version}/${it.kind}`, it]))
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, maxKinds)
    .map(([, resource]) => resource)
}
