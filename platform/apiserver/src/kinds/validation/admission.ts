import type { JsonObject, KubeObject } from '@sluice/ports'
import { PolicyScope } from '../../admission/policy-program.ts'
import { duplicate, type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const actions = ['Audit', 'Deny', 'Warn']

/** A policy whose expressions can be compiled. */
export function validateAdmissionPolicy(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const scope = new PolicyScope(spec.paramKind !== undefined)
  const validations = listOf(spec.validations)
  const annotations = listOf(spec.auditAnnotations)
  const needed = 'validations or auditAnnotations must contain at least one item'
  const isEmpty = validations.length === 0 && annotations.length === 0
  const policy = textOf(spec.failurePolicy)
  return [
    ...(policy === 'Fail' || policy === 'Ignore'
      ? []
      : [notSupported('spec.failurePolicy', policy, ['Fail', 'Ignore'])]),
    ...validateParamKind(spec),
    ...(listOf(objectOf(spec.matchConstraints).resourceRules).length === 0
      ? [required('spec.matchConstraints.resourceRules')]
      : []),
    ...validateConditions(listOf(spec.matchConditions), scope),
    ...listOf(spec.variables).flatMap((it, index) => validateVariable(it, `spec.variables[${index}]`, scope)),
    ...(isEmpty ? [required('spec.validations', needed), required('spec.auditAnnotations', needed)] : []),
    ...validations.flatMap((it, index) => validateValidation(it, `spec.validations[${index}]`, scope)),
    ...annotations.flatMap((it, index) => {
      const at = `spec.auditAnnotations[${index}].valueExpression`
      return validateExpression(it.valueExpression, at, { scope, type: 'any' })
    }),
  ]
}

function validateParamKind({ paramKind }: JsonObject): FieldError[] {
  if (paramKind === undefined) return []
  return ['apiVersion', 'kind']
    .filter((name) => textOf(objectOf(paramKind)[name]) === '')
    .map((name) => required(`spec.paramKind.${name}`))
}

function validateConditions(conditions: readonly JsonObject[], scope: PolicyScope): FieldError[] {
  const names = new Set<string>()
  return conditions.flatMap((it, index) => {
    const at = `spec.matchConditions[${index}]`
    const name = textOf(it.name)
    const errors = validateExpression(it.expression, `${at}.expression`, { scope, type: 'bool' })
    if (name === '') errors.push(required(`${at}.name`))
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    names.add(name)
    return errors
  })
}

function validateVariable(variable: JsonObject, field: string, scope: PolicyScope): FieldError[] {
  const name = textOf(variable.name)
  const errors = validateExpression(variable.expression, `${field}.expression`, { scope, type: 'any' })
  scope.declare(variable)
  return [
    ...(name === ''
      ? [required(`${field}.name`, 'name is not specified')]
      : identifier.test(name)
        ? []
        : [invalidValue(`${field}.name`, name, 'must be a valid CEL identifier')]),
    ...errors,
  ]
}

function validateValidation(validation: JsonObject, field: string, scope: PolicyScope): FieldError[] {
  const message = textOf(validation.message)
  const reason = textOf(validation.reason)
  return [
    ...validateExpression(validation.expression, `${field}.expression`, { scope, type: 'bool' }),
    ...(validation.messageExpression === undefined
      ? []
      : validateExpression(validation.messageExpression, `${field}.messageExpression`, {
          scope,
          type: 'string',
        })),
    ...(message.includes('\n')
      ? [invalidValue(`${field}.message`, message, 'must not contain line breaks')]
      : []),
    ...(reason === '' || reasons.includes(reason) ? [] : [notSupported(`${field}.reason`, reason, reasons)]),
  ]
}

function validateExpression(
  value: unknown,
  field: string,
  { scope, type }: { readonly scope: PolicyScope; readonly type: 'bool' | 'string' | 'any' },
): FieldError[] {
  const text = textOf(value).trim()
  if (text === '') return [required(field, 'expression is not specified')]
  const found = scope.compile(text, type)
  if (!('problem' in found)) return []
  const { problem } = found
  return [invalidValue(field, text, problem.startsWith('must ') ? problem : `compilation failed: ${problem}`)]
}

export function validateAdmissionBinding(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const wanted = stringsOf(spec.validationActions)
  const field = 'spec.validationActions'
  const repeated = wanted.flatMap((it, index) =>
    wanted.indexOf(it) < index ? [duplicate(`${field}[${index}]`, it)] : [],
  )
  return [
    ...(textOf(spec.policyName) === '' ? [required('spec.policyName')] : []),
    ...(wanted.length === 0 ? [required(field, 'at least one validation action is required')] : []),
    ...wanted.flatMap((it, index) =>
      actions.includes(it) ? [] : [notSupported(`${field}[${index}]`, it, actions)],
    ),
    ...repeated,
    ...(wanted.includes('Deny') && wanted.includes('Warn')
      ? [
          invalidValue(
            field,
            wanted,
            'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
          ),
        ]
      : []),
    ...validateParamRef(spec),
  ]
}

function validateParamRef({ paramRef }: JsonObject): FieldError[] {
  if (paramRef === undefined) return []
  const { name, selector, parameterNotFoundAction } = objectOf(paramRef)
  const field = 'spec.paramRef'
  const action = textOf(parameterNotFoundAction)
  return [
    ...(name === undefined && selector === undefined
      ? [required(field, 'one of name or selector must be specified')]
      : []),
    ...(name !== undefined && selector !== undefined
      ? [invalidValue(`${field}.name`, name, 'name and selector are mutually exclusive')]
      : []),
    ...(action === ''
      ? [required(`${field}.parameterNotFoundAction`)]
      : action === 'Allow' || action === 'Deny'
        ? []
        : [notSupported(`${field}.parameterNotFoundAction`, action, ['Deny', 'Allow'])]),
  ]
}
