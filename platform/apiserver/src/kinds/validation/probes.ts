import type { JsonObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, numberOf, objectOf, textOf } from '../json-fields.ts'
import { notNegative, validatePort, validatePortOrName } from './basic.ts'

/** What probes and hooks need to know of their pod. */
export type PodEnd = { readonly graceSeconds: number | undefined }

/** Probes, which only containers that stay have. */
export function validateProbes(container: JsonObject, field: string, pod: PodEnd): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    if (container[name] === undefined) return []
    const at = `${field}.${name}`
    const probe = objectOf(container[name])
    const errors = validateProbe(probe, at, pod)
    if (name !== 'readinessProbe') {
      const { successThreshold } = probe
      return successThreshold === 1
        ? errors
        : [...errors, invalidValue(`${at}.successThreshold`, successThreshold ?? 0, 'must be 1')]
    }
    const { terminationGracePeriodSeconds: grace } = probe
    const problem = 'must not be set for readinessProbes'
    return grace === undefined
      ? errors
      : [...errors, invalidValue(`${at}.terminationGracePeriodSeconds`, grace, problem)]
  })
}

export function validateLifecycle(container: JsonObject, field: string, pod: PodEnd): FieldError[] {
  return ['postStart', 'preStop'].flatMap((name) => {
    const handler = objectOf(container.lifecycle)[name]
    return handler === undefined ? [] : validateHandler(objectOf(handler), `${field}.lifecycle.${name}`, pod)
  })
}

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
]

function validateProbe(probe: JsonObject, field: string, pod: PodEnd): FieldError[] {
  const grace = numberOf(probe.terminationGracePeriodSeconds)
  return [
    ...validateHandler(probe, field, pod),
    ...counts.flatMap((name) => notNegative(probe[name], `${field}.${name}`)),
    ...(grace !== undefined && grace <= 0
      ? [invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ]
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function validateHandler(handler: JsonObject, field: string, pod: PodEnd): FieldError[] {
  const given = handlers.filter((it) => handler[it] !== undefined)
  const [first, ...others] = given
  if (first === undefined) return [required(field, 'must specify a handler type')]
  return [
    ...validateAction(first, objectOf(handler[first]), { field: `${field}.${first}`, pod }),
    ...others.map((it) => forbiddenField(`${field}.${it}`, 'may not specify more than 1 handler type')),
  ]
}

function validateAction(
  kind: string,
  action: JsonObject,
  { field, pod }: { readonly field: string; readonly pod: PodEnd },
): FieldError[] {
  switch (kind) {
    case 'exec':
      return Array.isArray(action.command) && action.command.length > 0 ? [] : [required(`${field}.command`)]
    case 'httpGet':
      return validateHttpGet(action, field)
    case 'tcpSocket':
      return validatePortOrName(action.port, `${field}.port`)
    case 'grpc':
      return validatePort(action.port, `${field}.port`)
    default:
      return validateSleep(numberOf(action.seconds) ?? 0, field, pod)
  }
}

const headerName = /^[-A-Za-z0-9]+$/

function validateHttpGet(action: JsonObject, field: string): FieldError[] {
  const scheme = textOf(action.scheme)
  return [
    ...(textOf(action.path) === '' ? [required(`${field}.path`)] : []),
    ...validatePortOrName(action.port, `${field}.port`),
    ...(scheme === 'HTTP' || scheme === 'HTTPS'
      ? []
      : [notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS'])]),
    ...listOf(action.httpHeaders).flatMap(({ name }) => {
      if (headerName.test(textOf(name))) return []
      const form =
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
      return [invalidValue(`${field}.httpHeaders`, textOf(name), form)]
    }),
  ]
}

function validateSleep(seconds: number, field: string, { graceSeconds }: PodEnd): FieldError[] {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  const form = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
  return [invalidValue(field, seconds, form)]
}
