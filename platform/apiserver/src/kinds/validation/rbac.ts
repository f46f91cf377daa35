import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsSubdomain, pathSegment } from '../names.ts'
import { validateSelector } from './basic.ts'

const rbacGroup = 'rbac.authorization.k8s.io'

export function validateRole(object: KubeObject): FieldError[] {
  return listOf(object['rules']).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, true))
}

export function validateClusterRole(object: KubeObject): FieldError[] {
  const rules = listOf(object['rules']).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, false))
  const { aggregationRule } = object
  if (aggregationRule === undefined) return rules
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = listOf(objectOf(aggregationRule).clusterRoleSelectors)
  return [
    ...rules,
    ...(selectors.length === 0
      ? [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
      : selectors.flatMap((it, index) => validateSelector(it, `${field}[${index}]`))),
  ]
}

function validateRule(rule: JsonObject, field: string, isNamespaced: boolean): FieldError[] {
  const [verbs, groups, resources, names, urls] = (
    ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'] as const
  ).map((name) => stringsOf(rule[name])) as [string[], string[], string[], string[], string[]]
  const errors: FieldError[] = []
  if (verbs.length === 0) errors.push(required(`${field}.verbs`, 'verbs must contain at least one value'))
  if (urls.length > 0) {
    const at = `${field}.nonResourceURLs`
    if (isNamespaced) {
      errors.push(invalidValue(at, urls, 'namespaced rules cannot apply to non-resource URLs'))
    }
    if (groups.length + resources.length + names.length > 0) {
      errors.push(
        invalidValue(at, urls, 'rules cannot apply to both regular resources and non-resource URLs'),
      )
    }
    return errors
  }
  if (groups.length === 0) {
    errors.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  }
  if (resources.length === 0) {
    errors.push(required(`${field}.resources`, 'resource rules must supply at least one resource'))
  }
  return errors
}

export function validateRoleBinding(object: KubeObject): FieldError[] {
  return validateBinding(object, { kinds: ['Role', 'ClusterRole'], isNamespaced: true })
}

export function validateClusterRoleBinding(object: KubeObject): FieldError[] {
  return validateBinding(object, { kinds: ['ClusterRole'], isNamespaced: false })
}

function validateBinding(
  object: KubeObject,
  { kinds, isNamespaced }: { readonly kinds: readonly string[]; readonly isNamespaced: boolean },
): FieldError[] {
  const { apiGroup, kind, name } = objectOf(object['roleRef'])
  const nameProblem = pathSegment(textOf(name))
  return [
    ...(textOf(apiGroup) === rbacGroup
      ? []
      : [notSupported('roleRef.apiGroup', textOf(apiGroup), [rbacGroup])]),
    ...(kinds.includes(textOf(kind)) ? [] : [notSupported('roleRef.kind', textOf(kind), kinds)]),
    ...(textOf(name) === ''
      ? [required('roleRef.name')]
      : nameProblem
        ? [invalidValue('roleRef.name', name, nameProblem)]
        : []),
    ...listOf(object['subjects']).flatMap((it, index) =>
      validateSubject(it, `subjects[${index}]`, isNamespaced),
    ),
  ]
}

function validateSubject(subject: JsonObject, field: string, isNamespaced: boolean): FieldError[] {
  const kind = textOf(subject.kind)
  const name = textOf(subject.name)
  const group = textOf(subject.apiGroup)
  const errors = name === '' ? [required(`${field}.name`)] : []
  switch (kind) {
    case 'ServiceAccount': {
      const problem = name === '' ? undefined : dnsSubdomain(name)
      if (problem) errors.push(invalidValue(`${field}.name`, name, problem))
      if (group !== '') errors.push(notSupported(`${field}.apiGroup`, group, ['']))
      if (!isNamespaced && textOf(subject.namespace) === '') errors.push(required(`${field}.namespace`))
      return errors
    }
    case 'User':
    case 'Group':
      if (group !== rbacGroup) errors.push(notSupported(`${field}.apiGroup`, group, [rbacGroup]))
      return errors
    default:
      return [...errors, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
  }
}
