import type { JsonObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { compareQuantities } from '../quantity.ts'
import { notNegative, portNameProblems, validatePort, validatePortOrName } from './basic.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateSeccomp } from './pod-placement.ts'

export type ContainerScope = {
  readonly field: string
  /** Names of the pod's volumes. */
  readonly volumes: ReadonlySet<string>
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']

/** What is wrong with one container, in the order in which Kubernetes finds it. */
export function validateContainer(container: JsonObject, { field, volumes }: ContainerScope): FieldError[] {
  const name = textOf(container.name)
  const nameProblem = dnsLabel(name)
  const policy = textOf(container.imagePullPolicy)
  return [
    ...(name === ''
      ? [required(`${field}.name`)]
      : nameProblem
        ? [invalidValue(`${field}.name`, name, nameProblem)]
        : []),
    ...(textOf(container.image) === '' ? [required(`${field}.image`)] : []),
    ...(policies.includes(textOf(container.terminationMessagePolicy))
      ? []
      : [
          notSupported(
            `${field}.terminationMessagePolicy`,
            container.terminationMessagePolicy,
            policies.slice(1),
          ),
        ]),
    ...validatePorts(listOf(container.ports), `${field}.ports`),
    ...listOf(container.env).flatMap((it, index) => validateEnv(it, `${field}.env[${index}]`)),
    ...listOf(container.envFrom).flatMap((it, index) => validateEnvFrom(it, `${field}.envFrom[${index}]`)),
    ...validateMounts(listOf(container.volumeMounts), { field: `${field}.volumeMounts`, volumes }),
    ...(policy === '' || pullPolicies.includes(policy)
      ? []
      : [notSupported(`${field}.imagePullPolicy`, policy, pullPolicies)]),
    ...validateResources(objectOf(container.resources), `${field}.resources`),
    ...validateSecurity(objectOf(container.securityContext), `${field}.securityContext`),
  ]
}

/** How a container may end its message; absent is as good as the first. */
const policies = ['', 'FallbackToLogsOnError', 'File']

/** Probes, which only containers that stay have. */
export function validateProbes(container: JsonObject, field: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) => {
    const probe = container[name]
    if (probe === undefined) return []
    const errors = validateProbe(objectOf(probe), `${field}.${name}`)
    const { successThreshold } = objectOf(probe)
    const mustBeOne =
      name !== 'readinessProbe' && typeof successThreshold === 'number' && successThreshold > 1
    return mustBeOne
      ? [...errors, invalidValue(`${field}.${name}.successThreshold`, successThreshold, 'must be 1')]
      : errors
  })
}

export function validateLifecycle(container: JsonObject, field: string): FieldError[] {
  return ['postStart', 'preStop'].flatMap((name) => {
    const handler = objectOf(container.lifecycle)[name]
    return handler === undefined ? [] : validateHandler(objectOf(handler), `${field}.lifecycle.${name}`)
  })
}

function validatePorts(ports: readonly JsonObject[], field: string): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = `${field}[${index}]`
    const errors: FieldError[] = []
    const name = textOf(port.name)
    if (name !== '') {
      const problems = portNameProblems(name)
      errors.push(...problems.map((it) => invalidValue(`${at}.name`, name, it)))
      if (problems.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    if (port.containerPort === undefined || port.containerPort === 0) {
      errors.push(required(`${at}.containerPort`))
    } else errors.push(...validatePort(port.containerPort, `${at}.containerPort`))
    if (port.hostPort !== undefined && port.hostPort !== 0) {
      errors.push(...validatePort(port.hostPort, `${at}.hostPort`))
    }
    const protocol = textOf(port.protocol)
    if (protocol === '') errors.push(required(`${at}.protocol`))
    else if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols))
    return errors
  })
}

function validateMounts(mounts: readonly JsonObject[], { field, volumes }: ContainerScope): FieldError[] {
  const paths = new Set<string>()
  return mounts.flatMap((mount, index) => {
    const at = `${field}[${index}]`
    const name = textOf(mount.name)
    const path = textOf(mount.mountPath)
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    else if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name))
    if (path === '') errors.push(required(`${at}.mountPath`))
    else if (paths.has(path)) errors.push(invalidValue(`${at}.mountPath`, path, 'must be unique'))
    paths.add(path)
    const subPath = textOf(mount.subPath)
    if (subPath.startsWith('/')) {
      errors.push(invalidValue(`${at}.subPath`, subPath, 'must be a relative path'))
    }
    if (subPath.split('/').includes('..')) {
      errors.push(invalidValue(`${at}.subPath`, subPath, "must not contain '..'"))
    }
    return errors
  })
}

function validateResources({ limits, requests }: JsonObject, field: string): FieldError[] {
  const limitOf = objectOf(limits)
  const wanted = objectOf(requests)
  return [
    ...Object.keys(limitOf)
      .toSorted()
      .flatMap((name) => [
        ...validateResourceName(name, `${field}.limits[${name}]`),
        ...validateAmount(limitOf[name], `${field}.limits[${name}]`),
      ]),
    ...Object.keys(wanted)
      .toSorted()
      .flatMap((name) => {
        const amount = wanted[name]
        const limit = limitOf[name]
        const isOver = limit !== undefined && compareQuantities(amount, limit) > 0
        return [
          ...validateResourceName(name, `${field}.requests[${name}]`),
          ...validateAmount(amount, `${field}.requests[${name}]`),
          ...(isOver
            ? [
                invalidValue(
                  `${field}.requests`,
                  amount,
                  `must be less than or equal to ${name} limit of ${JSON.stringify(limit).replaceAll('"', '')}`,
                ),
              ]
            : []),
        ]
      }),
  ]
}

const containerResources = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/
/** What may be counted, if not for containers. */
const otherResources =
  /^(storage|pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.(nodeports|loadbalancers)|(limits|requests)\..+|requests\.storage)$/

function validateResourceName(name: string, field: string): FieldError[] {
  if (name.includes('/') || containerResources.test(name)) return []
  return [
    ...(otherResources.test(name)
      ? []
      : [invalidValue(field, name, 'must be a standard resource type or fully qualified')]),
    invalidValue(field, name, 'must be a standard resource for containers'),
  ]
}

function validateAmount(amount: unknown, field: string): FieldError[] {
  return compareQuantities(amount, '0') < 0
    ? [invalidValue(field, amount, 'must be greater than or equal to 0')]
    : []
}

function validateSecurity(context: JsonObject, field: string): FieldError[] {
  const ids = [
    ...['runAsUser', 'runAsGroup'].flatMap((name) => validateId(context[name], `${field}.${name}`)),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
  ]
  const { privileged, allowPrivilegeEscalation } = context
  return privileged === true && allowPrivilegeEscalation === false
    ? [
        ...ids,
        invalidValue(
          field,
          context,
          'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
        ),
      ]
    : ids
}

/** A user or group of the machine. */
export function validateId(value: unknown, field: string): FieldError[] {
  const isBad = typeof value === 'number' && (value < 0 || value > 2_147_483_647)
  return isBad ? [invalidValue(field, value, 'must be between 0 and 2147483647, inclusive')] : []
}

function validateProbe(probe: JsonObject, field: string): FieldError[] {
  const counts = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]
  return [
    ...validateHandler(probe, field),
    ...counts.flatMap((name) => notNegative(probe[name], `${field}.${name}`)),
  ]
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function validateHandler(handler: JsonObject, field: string): FieldError[] {
  const given = handlers.filter((it) => handler[it] !== undefined)
  const [first, ...others] = given
  if (first === undefined) return [required(field, 'must specify a handler type')]
  return [
    ...validateAction(first, objectOf(handler[first]), `${field}.${first}`),
    ...others.map((it) => forbiddenField(`${field}.${it}`, 'may not specify more than 1 handler type')),
  ]
}

function validateAction(kind: string, action: JsonObject, field: string): FieldError[] {
  switch (kind) {
    case 'exec':
      return Array.isArray(action.command) && action.command.length > 0 ? [] : [required(`${field}.command`)]
    case 'httpGet': {
      const scheme = textOf(action.scheme)
      return [
        ...(textOf(action.path) === '' ? [required(`${field}.path`)] : []),
        ...validatePortOrName(action.port, `${field}.port`),
        ...(scheme === '' || scheme === 'HTTP' || scheme === 'HTTPS'
          ? []
          : [notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS'])]),
      ]
    }
    case 'tcpSocket':
      return validatePortOrName(action.port, `${field}.port`)
    case 'grpc':
      return validatePort(action.port, `${field}.port`)
    default:
      return []
  }
}

/** Names of host entries and the like. */
export function validateSubdomain(value: string, field: string): FieldError[] {
  const problem = value === '' ? undefined : dnsSubdomain(value)
  return problem ? [invalidValue(field, value, problem)] : []
}
