import type { JsonObject } from '@sluice/ports'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { validateAddress, validateSubdomain } from './formats.ts'

const maxNameservers = 3
const maxSearchPaths = 32
const maxSearchCharacters = 2048
const searchDomain = /^[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*$/

/** How a pod finds names. */
export function validateDnsConfig({ dnsConfig, dnsPolicy }: JsonObject, field: string): FieldError[] {
  const servers = stringsOf(objectOf(dnsConfig).nameservers)
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    return [required(field, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  }
  const at = `${field}.nameservers`
  if (dnsPolicy === 'None' && servers.length === 0) {
    return [required(at, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  return [
    ...(servers.length > maxNameservers
      ? [invalidValue(at, servers, `must not have more than ${maxNameservers} nameservers`)]
      : []),
    ...servers.flatMap((it, index) => validateAddress(it, `${at}[${index}]`)),
    ...validateSearches(stringsOf(objectOf(dnsConfig).searches), `${field}.searches`),
    ...listOf(objectOf(dnsConfig).options).flatMap((it, index) =>
      textOf(it.name) === '' ? [required(`${field}.options[${index}]`, 'must not be empty')] : [],
    ),
  ]
}

function validateSearches(searches: readonly string[], field: string): FieldError[] {
  const characters = `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`
  return [
    ...(searches.length > maxSearchPaths
      ? [invalidValue(field, searches, `must not have more than ${maxSearchPaths} search paths`)]
      : []),
    ...(searches.join(' ').length > maxSearchCharacters ? [invalidValue(field, searches, characters)] : []),
    ...searches.flatMap((search, index) => {
      const domain = search.replace(/\.$/, '')
      if (search === '.' || searchDomain.test(domain)) return []
      const form =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?(\\.[a-z0-9_]([-_a-z0-9]*[a-z0-9_])?)*')"
      return [invalidValue(`${field}[${index}]`, domain, form)]
    }),
  ]
}

/** Names that the pod knows without asking. */
export function validateHostAliases(aliases: readonly JsonObject[], field: string): FieldError[] {
  return aliases.flatMap(({ ip, hostnames }, index) => [
    ...validateAddress(textOf(ip), `${field}[${index}].ip`),
    ...stringsOf(hostnames).flatMap((it, at) => validateSubdomain(it, `${field}[${index}].hostnames[${at}]`)),
  ])
}
