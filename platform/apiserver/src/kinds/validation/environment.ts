import type { JsonObject } from '@sluice/ports'
import { type FieldError, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { objectOf, textOf } from '../json-fields.ts'
import { dnsSubdomain } from '../names.ts'
import { compareQuantities } from '../quantity.ts'
import { validateConfigKey, validateQualifiedName } from './formats.ts'

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What can be told of a pod by its fields, though not everywhere. */
const knownPaths = new Set([
  ...fieldPaths,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
])
const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef']
const printable = /^[ -<>-~]+$/

/** A variable of a container's environment: a value, or one source of it. */
export function validateEnv(variable: JsonObject, field: string): FieldError[] {
  const name = textOf(variable.name)
  const errors = name === '' ? [required(`${field}.name`)] : nameProblems(name, `${field}.name`)
  if (variable.valueFrom === undefined) return errors
  const at = `${field}.valueFrom`
  const from = objectOf(variable.valueFrom)
  const given = sources.filter((it) => from[it] !== undefined)
  if (from.fieldRef !== undefined) {
    errors.push(...validateFieldRef(objectOf(from.fieldRef), `${at}.fieldRef`, fieldPaths))
  }
  if (from.resourceFieldRef !== undefined) {
    const place = { isVolume: false }
    errors.push(...validateResourceFieldRef(objectOf(from.resourceFieldRef), `${at}.resourceFieldRef`, place))
  }
  for (const kind of ['configMapKeyRef', 'secretKeyRef']) {
    if (from[kind] !== undefined) errors.push(...validateKeyRef(objectOf(from[kind]), `${at}.${kind}`))
  }
  if (given.length === 0) {
    const list =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    errors.push(invalidValue(at, '', list))
  } else if (textOf(variable.value) !== '') {
    errors.push(invalidValue(at, '', 'may not be specified when `value` is not empty'))
  } else if (given.length > 1) {
    errors.push(invalidValue(at, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

/** A field of the pod, in an environment or a file. `supported` in the order of messages. */
export function validateFieldRef(
  reference: JsonObject,
  field: string,
  supported: readonly string[],
): FieldError[] {
  if (textOf(reference.apiVersion) === '') return [required(`${field}.apiVersion`)]
  const path = textOf(reference.fieldPath)
  if (path === '') return [required(`${field}.fieldPath`)]
  const [, map = path, key] = /^(.*)\['(.*)'\]$/s.exec(path) ?? []
  const isMap = map === 'metadata.labels' || map === 'metadata.annotations'
  if (!knownPaths.has(map) || (key !== undefined && !isMap)) {
    const problem = `error converting fieldPath: field label not supported: ${path}`
    return [invalidValue(`${field}.fieldPath`, path, problem)]
  }
  if (key === undefined) {
    return supported.includes(map) ? [] : [notSupported(`${field}.fieldPath`, map, supported)]
  }
  const shown = map === 'metadata.annotations' ? key.toLowerCase() : key
  return validateQualifiedName(shown, field)
}

const hugePages = /^(limits|requests)\.hugepages-/
const memoryUnits = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei'

/** An amount that a container asks for or may take, in an environment or a file. */
export function validateResourceFieldRef(
  reference: JsonObject,
  field: string,
  { isVolume }: { readonly isVolume: boolean },
): FieldError[] {
  const resource = textOf(reference.resource)
  const errors: FieldError[] = []
  if (isVolume && textOf(reference.containerName) === '') errors.push(required(`${field}.containerName`))
  else if (resource === '') errors.push(required(`${field}.resource`))
  else if (!resourceFields.includes(resource) && !hugePages.test(resource)) {
    errors.push(notSupported(`${field}.resource`, resource, resourceFields))
  }
  return [...errors, ...validateDivisor(resource, reference.divisor, `${field}.divisor`)]
}

function validateDivisor(resource: string, divisor: unknown, field: string): FieldError[] {
  if (divisor === undefined || compareQuantities(divisor, '0') === 0) return []
  const [, name = ''] = /^(?:limits|requests)\.(.+)$/.exec(resource) ?? []
  if (name === '') return []
  const isCpu = name === 'cpu'
  const units = isCpu ? '1m, 1' : memoryUnits
  if (units.split(', ').includes(textOf(divisor))) return []
  const shown = isCpu
    ? '1m and 1 are supported with the cpu resource'
    : `${units} are supported with the ${shownResource(name)} resource`
  return [invalidValue(field, resource, `only divisor's values ${shown}`)]
}

function shownResource(name: string): string {
  if (name.startsWith('hugepages-')) return 'hugepages'
  return name === 'ephemeral-storage' ? 'local ephemeral storage' : name
}

function validateKeyRef(reference: JsonObject, field: string): FieldError[] {
  const name = textOf(reference.name)
  const key = textOf(reference.key)
  const problem = dnsSubdomain(name)
  return [
    ...(problem === undefined ? [] : [invalidValue(`${field}.name`, name, problem)]),
    ...(key === '' ? [required(`${field}.key`)] : validateConfigKey(key, `${field}.key`)),
  ]
}

function nameProblems(name: string, field: string): FieldError[] {
  if (printable.test(name)) return []
  const form =
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
  return [invalidValue(field, name, form)]
}

/** All variables of a ConfigMap or Secret at once; `field` is the list's. */
export function validateEnvFrom(source: JsonObject, field: string, index: number): FieldError[] {
  const at = `${field}[${index}]`
  const prefix = textOf(source.prefix)
  const given = ['configMapRef', 'secretRef'].filter((it) => source[it] !== undefined)
  return [
    ...(prefix === '' ? [] : nameProblems(prefix, `${at}.prefix`)),
    ...given.flatMap((it) => {
      const name = textOf(objectOf(source[it]).name)
      if (name === '') return [required(`${at}.${it}.name`)]
      const problem = dnsSubdomain(name, true)
      return problem === undefined ? [] : [invalidValue(`${at}.${it}.name`, name, problem)]
    }),
    ...(given.length === 0
      ? [invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`')]
      : []),
    ...(given.length > 1
      ? [invalidValue(field, '', 'may not have more than one field specified at a time')]
      : []),
  ]
}
