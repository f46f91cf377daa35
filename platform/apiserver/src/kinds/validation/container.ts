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
import { portNameProblems, validatePort } from './basic.ts'
import { validateEnv, validateEnvFrom } from './environment.ts'
import { validateNeededName } from './formats.ts'
import { type Volumes, validateDevices, validateMounts } from './mounts.ts'
import { type PodEnd, validateLifecycle, validateProbes } from './probes.ts'
import { validateResizePolicy, validateResources } from './resources.ts'
import { validateSecurityContext } from './security-context.ts'

/** What a container shares with the others of its pod. */
export type PodScope = PodEnd & {
  readonly volumes: Volumes
  /** Names of the pod's claims of devices. */
  readonly claims: ReadonlySet<string>
  readonly restartPolicy: string
  readonly hostUsers: boolean
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']
const messagePolicies = ['File', 'FallbackToLogsOnError']
const restartPolicies = ['Always', 'Never', 'OnFailure']

/** The containers of a pod that do its work. */
export function validateContainers(
  containers: readonly JsonObject[],
  field: string,
  scope: PodScope,
): FieldError[] {
  if (containers.length === 0) return [required(field)]
  const names = new Set<string>()
  const errors = containers.flatMap((container, index) => {
    const at = `${field}[${index}]`
    return [
      ...validateContainer(container, at, scope),
      ...once(names, textOf(container.name), `${at}.name`),
      ...validateLifecycle(container, at, scope),
      ...validateProbes(container, at, scope),
      ...validateRestartPolicy(container, at),
    ]
  })
  return [...errors, ...validateHostPorts(containers, field)]
}

const onlyForStaying = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']

/** The containers that run before the others, and those of them that stay. */
export function validateInitContainers(spec: JsonObject, field: string, scope: PodScope): FieldError[] {
  const names = new Set(listOf(spec.containers).map((it) => textOf(it.name)))
  return listOf(spec.initContainers).flatMap((container, index) => {
    const at = `${field}[${index}]`
    return [
      ...validateContainer(container, at, scope),
      ...validateRestartPolicy(container, at),
      ...once(names, textOf(container.name), `${at}.name`),
      // Each runs alone, so only its own ports can collide.
      ...validateHostPorts([container], field),
      ...(container.restartPolicy === 'Always'
        ? [...validateLifecycle(container, at, scope), ...validateProbes(container, at, scope)]
        : onlyForStaying
            .filter((name) => container[name] !== undefined)
            .map((name) =>
              forbiddenField(
                `${at}.${name}`,
                'may not be set for init containers without restartPolicy=Always',
              ),
            )),
    ]
  })
}

/** What is wrong with one container of any sort, in the order in which Kubernetes finds it. */
function validateContainer(container: JsonObject, field: string, scope: PodScope): FieldError[] {
  const { volumes, claims, restartPolicy } = scope
  return [
    ...validateNeededName(textOf(container.name), `${field}.name`, dnsLabel),
    ...(textOf(container.image) === '' ? [required(`${field}.image`)] : []),
    ...needed(container.terminationMessagePolicy, `${field}.terminationMessagePolicy`, messagePolicies),
    ...validatePorts(listOf(container.ports), `${field}.ports`),
    ...listOf(container.env).flatMap((it, index) => validateEnv(it, `${field}.env[${index}]`)),
    ...listOf(container.envFrom).flatMap((it, index) => validateEnvFrom(it, `${field}.envFrom`, index)),
    ...validateMounts(container, volumes, `${field}.volumeMounts`),
    ...validateDevices(container, volumes, `${field}.volumeDevices`),
    ...needed(container.imagePullPolicy, `${field}.imagePullPolicy`, pullPolicies),
    ...validateResources(objectOf(container.resources), `${field}.resources`, claims),
    ...validateResizePolicy(listOf(container.resizePolicy), `${field}.resizePolicy`, restartPolicy),
    ...validateSecurityContext(objectOf(container.securityContext), `${field}.securityContext`, scope),
  ]
}

/** One of a few words; one that has a default is always there, and only an emptied one is missed. */
function needed(value: unknown, field: string, choices: readonly string[]): FieldError[] {
  const text = textOf(value)
  if (text === '') return value === undefined ? [] : [required(field)]
  return choices.includes(text) ? [] : [notSupported(field, text, choices)]
}

function validateRestartPolicy({ restartPolicy }: JsonObject, field: string): FieldError[] {
  return restartPolicy === undefined || restartPolicies.includes(textOf(restartPolicy))
    ? []
    : [notSupported(`${field}.restartPolicy`, restartPolicy, restartPolicies)]
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

/** No two containers that run at once can have the same port of the machine. */
function validateHostPorts(containers: readonly JsonObject[], field: string): FieldError[] {
  const taken = new Set<string>()
  return containers.flatMap((container, index) =>
    listOf(container.ports).flatMap(({ hostPort, hostIP, protocol }, at) => {
      if (typeof hostPort !== 'number' || hostPort === 0) return []
      const shown = `${textOf(protocol)}/${textOf(hostIP)}/${hostPort}`
      const isTaken = taken.has(shown)
      taken.add(shown)
      return isTaken ? [duplicate(`${field}[${index}].ports[${at}].hostPort`, shown)] : []
    }),
  )
}

function once(names: Set<string>, name: string, field: string): FieldError[] {
  if (name === '') return []
  if (names.has(name)) return [duplicate(field, name)]
  names.add(name)
  return []
}
