import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { JsonError, parseJson } from '@sluice/yaml'
import { type FieldError, forbiddenField, invalidValue, required, tooLong } from '../../status/field-error.ts'
import { objectOf, textOf } from '../json-fields.ts'
import { validateConfigKey } from './formats.ts'

const frozen = 'field is immutable when `immutable` is set'

/** Keys of a ConfigMap or Secret. */
function validateKeys(data: unknown, field: string): FieldError[] {
  return Object.keys(objectOf(data)).flatMap((key) => validateConfigKey(key, `${field}[${key}]`))
}

export function validateConfigMap(object: KubeObject): FieldError[] {
  const data = objectOf(object['data'])
  const binary = objectOf(object['binaryData'])
  const both = Object.keys(data).filter((it) => Object.hasOwn(binary, it))
  return [
    ...validateKeys(data, 'data'),
    ...both.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...validateKeys(binary, 'binaryData'),
    // Of bytes those that are meant count, not those that they are written with.
    ...(sizeOf(data) + (sizeOf(binary) * 3) / 4 > maxDataBytes ? [tooLong('[]', maxDataBytes)] : []),
  ]
}

const maxDataBytes = 1024 * 1024

/** Bytes of all values. */
function sizeOf(data: JsonObject): number {
  return Object.values(data).reduce<number>((sum, it) => sum + Buffer.byteLength(textOf(it)), 0)
}

/** What an immutable ConfigMap or Secret must keep. */
export function validateFrozen(next: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  return [
    ...(next['immutable'] === true ? [] : [forbiddenField('immutable', frozen)]),
    ...fields
      .filter((field) => !jsonEqual(objectOf(next[field]), objectOf(old[field])))
      .map((field) => forbiddenField(field, frozen)),
  ]
}

export function validateConfigMapUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return validateFrozen(next, old, ['data', 'binaryData'])
}

const jsonKeys: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
])
const accountName = 'kubernetes.io/service-account.name'

export function validateSecret(object: KubeObject): FieldError[] {
  const data = objectOf(object['data'])
  // The limit is on what the values are, not on how they are written.
  const isTooLong = (sizeOf(data) * 3) / 4 > maxDataBytes
  return [
    ...validateKeys(data, 'data'),
    ...(isTooLong ? [tooLong('data', maxDataBytes)] : []),
    ...validateByType(object, data),
  ]
}

/** What a secret of a known type has to hold. */
function validateByType(object: KubeObject, data: JsonObject): FieldError[] {
  const type = textOf(object['type'])
  const missing = (...keys: readonly string[]): FieldError[] =>
    keys.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`))
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return (object.metadata.annotations?.[accountName] ?? '') === ''
        ? [required(`metadata.annotations[${accountName}]`)]
        : []
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    case 'kubernetes.io/ssh-auth':
      return textOf(data['ssh-privatekey']) === '' ? [required('data[ssh-privatekey]')] : []
    case 'kubernetes.io/basic-auth': {
      const problems = missing('username', 'password')
      return problems.length === 2 ? problems : []
    }
    default: {
      const key = jsonKeys.get(type)
      if (key === undefined) return []
      return Object.hasOwn(data, key) ? validateJson(textOf(data[key]), `data[${key}]`) : missing(key)
    }
  }
}

/** Registry credentials are an object of JSON. What they are is never shown. */
function validateJson(encoded: string, field: string): FieldError[] {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const problem = jsonProblem(text)
  return problem === undefined ? [] : [invalidValue(field, '<secret contents redacted>', problem)]
}

/** Why a text cannot be read as an object, in the words of Go. */
function jsonProblem(text: string): string | undefined {
  try {
    const value: unknown = parseJson(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
  } catch (error) {
    if (error instanceof JsonError) return error.message
    throw error
  }
}

export function validateSecretUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return validateFrozen(next, old, ['data'])
}

export function validateBindingUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  if (jsonEqual(next['roleRef'], old['roleRef'])) return []
  const { apiGroup = '', kind = '', name = '' } = objectOf(next['roleRef'])
  return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}
