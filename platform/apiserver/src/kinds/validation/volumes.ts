import type { JsonObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'

/** The volumes of a pod: named once, each of one type. */
export function validateVolumes(volumes: readonly JsonObject[], field: string): FieldError[] {
  const names = new Set<string>()
  return volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`
    const name = textOf(volume.name)
    // The order of the types is that of the API, in which the empty directory comes first.
    const kinds = Object.keys(volume)
      .filter((it) => it !== 'name')
      .toSorted((a, b) => Number(b === 'emptyDir') - Number(a === 'emptyDir'))
    const problem = name === '' ? undefined : dnsLabel(name)
    const isRepeated = name !== '' && names.has(name)
    names.add(name)
    return [
      ...kinds.slice(1).map((it) => forbiddenField(`${at}.${it}`, 'may not specify more than 1 volume type')),
      ...(kinds.length === 0 ? [required(at, 'must specify a volume type')] : []),
      ...kinds.flatMap((it) => validateSource(it, objectOf(volume[it]), `${at}.${it}`)),
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(problem ? [invalidValue(`${at}.name`, name, problem)] : []),
      ...(isRepeated ? [duplicate(`${at}.name`, name)] : []),
    ]
  })
}

/** Texts that a type of volume cannot do without. */
const needed: Readonly<Record<string, readonly string[]>> = {
  configMap: ['name'],
  csi: ['driver'],
  iscsi: ['targetPortal', 'iqn'],
  nfs: ['server', 'path'],
  persistentVolumeClaim: ['claimName'],
  secret: ['secretName'],
}
const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

function validateSource(kind: string, source: JsonObject, field: string): FieldError[] {
  const missing = (needed[kind] ?? [])
    .filter((name) => textOf(source[name]) === '')
    .map((name) => required(`${field}.${name}`))
  switch (kind) {
    case 'configMap':
    case 'secret':
      return [
        ...missing,
        ...validateMode(source.defaultMode, `${field}.defaultMode`),
        ...validateItems(source, field),
      ]
    case 'downwardAPI':
      return validateMode(source.defaultMode, `${field}.defaultMode`)
    case 'hostPath':
      return validateHostPath(source, field)
    case 'nfs':
      return textOf(source.path) === '' || textOf(source.path).startsWith('/')
        ? missing
        : [...missing, invalidValue(`${field}.path`, source.path, 'must be an absolute path')]
    case 'projected':
      return [
        ...validateMode(source.defaultMode, `${field}.defaultMode`),
        ...listOf(source.sources).flatMap((it, index) =>
          validateProjection(it, `${field}.sources[${index}]`),
        ),
      ]
    default:
      return missing
  }
}

function validateHostPath({ path, type }: JsonObject, field: string): FieldError[] {
  if (textOf(path) === '') return [required(`${field}.path`)]
  return [
    ...(textOf(path).split('/').includes('..')
      ? [invalidValue(`${field}.path`, path, "must not contain '..'")]
      : []),
    ...(hostPathTypes.includes(textOf(type)) ? [] : [notSupported(`${field}.type`, type, hostPathTypes)]),
  ]
}

function validateMode(mode: unknown, field: string): FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= 0o777)) return []
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

function validateItems(source: JsonObject, field: string): FieldError[] {
  return listOf(source.items).flatMap((it, index) => {
    const at = `${field}.items[${index}]`
    return [
      ...(textOf(it.key) === '' ? [required(`${at}.key`)] : []),
      ...validateRelativePath(textOf(it.path), `${at}.path`),
      ...validateMode(it.mode, `${at}.mode`),
    ]
  })
}

/** A path below the place where a volume is mounted. */
function validateRelativePath(path: string, field: string): FieldError[] {
  if (path === '') return [required(field)]
  return [
    ...(path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []),
    ...(path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : []),
    ...(path.startsWith('..') && !path.startsWith('../') && path !== '..'
      ? [invalidValue(field, path, "must not start with '..'")]
      : []),
  ]
}

function validateProjection(projection: JsonObject, field: string): FieldError[] {
  return ['secret', 'configMap'].flatMap((kind) => {
    if (projection[kind] === undefined) return []
    const source = objectOf(projection[kind])
    return [
      ...(textOf(source.name) === '' ? [required(`${field}.${kind}.name`)] : []),
      ...validateItems(source, `${field}.${kind}`),
    ]
  })
}
