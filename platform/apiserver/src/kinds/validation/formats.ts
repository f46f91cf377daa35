import { isIP } from 'node:net'
import { qualifiedNameProblems } from '@sluice/ports'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import { dnsLabel, dnsSubdomain, type NameRule } from '../names.ts'
import { parseCidr } from './cidr.ts'

const addressForm = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const rangeForm = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** A name by its rule; nothing is wrong with an empty one. */
export function validateName(value: string, field: string, rule: NameRule): FieldError[] {
  const problem = value === '' ? undefined : rule(value)
  return problem === undefined ? [] : [invalidValue(field, value, problem)]
}

/** A name that must be there. */
export function validateNeededName(value: string, field: string, rule: NameRule): FieldError[] {
  return value === '' ? [required(field)] : validateName(value, field, rule)
}

export function validateSubdomain(value: string, field: string): FieldError[] {
  return validateName(value, field, dnsSubdomain)
}

export function validateLabelName(value: string, field: string): FieldError[] {
  return validateName(value, field, dnsLabel)
}

export function validateAddress(value: string, field: string): FieldError[] {
  return isIP(value) === 0 ? [invalidValue(field, value, addressForm)] : []
}

export function validateCidr(value: string, field: string): FieldError[] {
  return parseCidr(value) ? [] : [invalidValue(field, value, rangeForm)]
}

/** An address that others can reach: not one with a meaning of its own. */
export function validateOrdinaryAddress(address: string, field: string): FieldError[] {
  if (isIP(address) === 0) return [invalidValue(field, address, 'must be a valid IP address')]
  const lower = address.toLowerCase()
  const problems: string[] = []
  if (/^(0\.){3}0$|^(0*:)+:?0*$/.test(lower)) problems.push(`may not be unspecified (${address})`)
  if (/^127\.|^(0*:)+:?0*1$/.test(lower)) {
    problems.push('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  }
  if (/^169\.254\.|^fe[89ab][0-9a-f]:/.test(lower)) {
    problems.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  }
  if (/^224\.0\.0\.|^ff.2:/.test(lower)) {
    problems.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  }
  return problems.map((it) => invalidValue(field, address, it))
}

const configKey = /^[-._a-zA-Z0-9]+$/
const longestConfigKey = 253

/** A key of a ConfigMap or Secret. */
export function validateConfigKey(key: string, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (key.length > longestConfigKey) {
    errors.push(invalidValue(field, key, `must be no more than ${longestConfigKey} bytes`))
  }
  if (!configKey.test(key)) {
    errors.push(
      invalidValue(
        field,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    )
  }
  if (key === '.') errors.push(invalidValue(field, key, "must not be '.'"))
  else if (key === '..') errors.push(invalidValue(field, key, "must not be '..'"))
  else if (key.startsWith('..')) errors.push(invalidValue(field, key, "must not start with '..'"))
  return errors
}

/** A path that leads nowhere above where it begins. */
export function validateNoBacksteps(path: string, field: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : []
}

/** A path below another one. */
export function validateDescendingPath(path: string, field: string): FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []),
    ...validateNoBacksteps(path, field),
  ]
}

/** A path below the place where a volume is mounted, outside of what the volume keeps for itself. */
export function validateVolumePath(path: string, field: string): FieldError[] {
  return [
    ...(path === '' ? [required(field)] : []),
    ...validateDescendingPath(path, field),
    ...(path.startsWith('..') && !path.startsWith('../')
      ? [invalidValue(field, path, "must not start with '..'")]
      : []),
  ]
}

const urlPath = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/

/** A path that begins with a domain, such as `example.com/name`. */
export function validateDomainPath(value: string, field: string): FieldError[] {
  if (value === '') return [required(field)]
  const [, domain = '', path = ''] = /^([^/]*)\/(.*)$/s.exec(value) ?? []
  if (domain === '' || path === '') {
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  return [
    ...validateSubdomain(domain, field),
    ...(urlPath.test(path)
      ? []
      : [
          invalidValue(
            field,
            path,
            "Invalid path (e.g. 'acme.io/foo', regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
          ),
        ]),
  ]
}

/** A name that may begin with a domain, such as a label's key. */
export function validateQualifiedName(name: string, field: string): FieldError[] {
  return qualifiedNameProblems(name).map((it) => invalidValue(field, name, it))
}
