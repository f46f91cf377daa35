import type { JsonObject, KubeObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsSubdomain } from '../names.ts'
import { validateSelector } from './basic.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']
const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const sideEffects = ['None', 'NoneOnDryRun']
const reinvocations = ['IfNeeded', 'Never']
const reviewVersions = ['v1', 'v1beta1']
const longestTimeout = 30

/** Programs outside of the server that are asked about changes. */
export function validateWebhooks(object: KubeObject): FieldError[] {
  const names = new Set<string>()
  return listOf(object['webhooks']).flatMap((webhook, index) => {
    const at = `webhooks[${index}]`
    const name = textOf(webhook.name)
    const isRepeated = names.has(name)
    names.add(name)
    return [...validateWebhook(webhook, at), ...(isRepeated ? [duplicate(`${at}.name`, name)] : [])]
  })
}

function validateWebhook(webhook: JsonObject, field: string): FieldError[] {
  const timeout = numberOf(webhook.timeoutSeconds)
  return [
    ...validateFullName(textOf(webhook.name), `${field}.name`),
    ...listOf(webhook.rules).flatMap((rule, index) => validateRule(rule, `${field}.rules[${index}]`)),
    ...oneOf(webhook.failurePolicy, `${field}.failurePolicy`, failurePolicies),
    ...oneOf(webhook.matchPolicy, `${field}.matchPolicy`, matchPolicies),
    ...(webhook.sideEffects === undefined
      ? [required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')]
      : oneOf(webhook.sideEffects, `${field}.sideEffects`, sideEffects)),
    ...oneOf(webhook.reinvocationPolicy, `${field}.reinvocationPolicy`, reinvocations),
    ...(timeout !== undefined && (timeout < 1 || timeout > longestTimeout)
      ? [
          invalidValue(
            `${field}.timeoutSeconds`,
            timeout,
            'the timeout value must be between 1 and 30 seconds',
          ),
        ]
      : []),
    ...['namespaceSelector', 'objectSelector'].flatMap((name) =>
      webhook[name] === undefined ? [] : validateSelector(objectOf(webhook[name]), `${field}.${name}`),
    ),
    ...validateClient(objectOf(webhook.clientConfig), `${field}.clientConfig`),
    ...validateReviewVersions(stringsOf(webhook.admissionReviewVersions), `${field}.admissionReviewVersions`),
  ]
}

function oneOf(value: unknown, field: string, choices: readonly string[]): FieldError[] {
  return value === undefined || choices.includes(textOf(value)) ? [] : [notSupported(field, value, choices)]
}

/** A domain of at least three parts. */
function validateFullName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)]
  const problem = dnsSubdomain(name)
  if (problem !== undefined) return [invalidValue(field, name, problem)]
  return name.split('.').length < 3
    ? [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')]
    : []
}

/** Which requests a webhook is asked about. */
export function validateRule(rule: JsonObject, field: string): FieldError[] {
  const [wanted, groups, versions, resources] = (
    ['operations', 'apiGroups', 'apiVersions', 'resources'] as const
  ).map((name) => stringsOf(rule[name])) as [string[], string[], string[], string[]]
  return [
    ...validateList(wanted, `${field}.operations`),
    ...wanted.flatMap((it, index) =>
      operations.includes(it) ? [] : [notSupported(`${field}.operations[${index}]`, it, operations)],
    ),
    ...validateList(groups, `${field}.apiGroups`),
    ...validateList(versions, `${field}.apiVersions`),
    ...versions.flatMap((it, index) => (it === '' ? [required(`${field}.apiVersions[${index}]`)] : [])),
    ...validateResourceNames(resources, `${field}.resources`),
    ...oneOf(rule.scope, `${field}.scope`, scopes),
  ]
}

/** A list that says something, of which `*` says all. */
function validateList(values: readonly string[], field: string): FieldError[] {
  if (values.length === 0) return [required(field)]
  return values.length > 1 && values.includes('*')
    ? [invalidValue(field, values, "if '*' is present, must not specify other " + nounOf(field))]
    : []
}

function nounOf(field: string): string {
  const nouns: Readonly<Record<string, string>> = {
    operations: 'operations',
    apiGroups: 'API groups',
    apiVersions: 'API versions',
  }
  return nouns[field.slice(field.lastIndexOf('.') + 1)] ?? 'values'
}

function validateResourceNames(resources: readonly string[], field: string): FieldError[] {
  if (resources.length === 0) return [required(field)]
  const withSub = new Set(resources.filter((it) => it.endsWith('/*')).map((it) => it.slice(0, -2)))
  const isMixed = resources.length > 1 && resources.includes('*/*')
  const hasAll = resources.includes('*') && resources.some((it) => it !== '*' && !it.includes('/'))
  return [
    ...resources.flatMap((it, index) => {
      const [name = '', sub] = it.split('/')
      const at = `${field}[${index}]`
      if (it === '') return [required(at)]
      if (sub !== undefined && sub !== '*' && withSub.has(name)) {
        return [invalidValue(at, it, `if '${name}/*' is present, must not specify ${it}`)]
      }
      return []
    }),
    ...(isMixed
      ? [invalidValue(field, resources, "if '*/*' is present, must not specify other resources")]
      : []),
    ...(hasAll
      ? [
          invalidValue(
            field,
            resources,
            "if '*' is present, must not specify other resources without subresources",
          ),
        ]
      : []),
  ]
}

function validateClient(client: JsonObject, field: string): FieldError[] {
  const { url, service } = client
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')]
  }
  if (url !== undefined) return validateUrl(textOf(url), `${field}.url`)
  const { name, namespace, path, port } = objectOf(service)
  const number = numberOf(port)
  return [
    ...(textOf(name) === '' ? [required(`${field}.service.name`, 'service name is required')] : []),
    ...(textOf(namespace) === ''
      ? [required(`${field}.service.namespace`, 'service namespace is required')]
      : []),
    ...(number !== undefined && (number < 1 || number > 65_535)
      ? [
          invalidValue(
            `${field}.service.port`,
            number,
            'port is not valid: must be between 1 and 65535, inclusive',
          ),
        ]
      : []),
    ...(path !== undefined && !textOf(path).startsWith('/')
      ? [invalidValue(`${field}.service.path`, path, "must start with a '/'")]
      : []),
  ]
}

const urlForm = '; desired format: https://host[/path]'

function validateUrl(text: string, field: string): FieldError[] {
  const parsed = URL.canParse(text) ? new URL(text) : undefined
  if (!parsed) {
    return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI${urlForm}`)]
  }
  const errors: FieldError[] = []
  const scheme = parsed.protocol.slice(0, -1)
  if (scheme !== 'https') {
    errors.push(invalidValue(field, scheme, `'https' is the only allowed URL scheme${urlForm}`))
  }
  if (parsed.host === '') errors.push(invalidValue(field, '', `host must be specified${urlForm}`))
  if (parsed.username !== '') {
    errors.push(forbiddenField(field, `user information is not permitted in the URL: the user is not shown`))
  }
  if (parsed.hash !== '') {
    errors.push(invalidValue(field, parsed.hash.slice(1), 'fragments are not permitted in the URL'))
  }
  if (parsed.search !== '') {
    errors.push(invalidValue(field, parsed.search.slice(1), 'query parameters are not permitted in the URL'))
  }
  return errors
}

function validateReviewVersions(versions: readonly string[], field: string): FieldError[] {
  if (versions.length === 0) {
    return [required(field, `must specify one of ${reviewVersions.join(', ')}`)]
  }
  const seen = new Set<string>()
  const errors = versions.flatMap((it, index) => {
    const isRepeated = seen.has(it)
    seen.add(it)
    return isRepeated ? [duplicate(`${field}[${index}]`, it)] : []
  })
  return versions.some((it) => reviewVersions.includes(it))
    ? errors
    : [...errors, invalidValue(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)]
}
