import type { JsonObject } from '@sluice/ports'
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { validateDescendingPath } from './formats.ts'
import { internalForm } from './internal-form.ts'

/** Who a container runs as, and what it may do. `hostUsers` is the pod's: whether its users are those of the machine. */
export function validateSecurityContext(
  context: JsonObject,
  field: string,
  { hostUsers }: { readonly hostUsers: boolean },
): FieldError[] {
  return [
    ...['runAsUser', 'runAsGroup'].flatMap((name) => validateId(context[name], `${field}.${name}`)),
    ...validateProcMount(context.procMount, `${field}.procMount`, hostUsers),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateEscalation(context, field),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
  ]
}

function validateProcMount(value: unknown, field: string, hostUsers: boolean): FieldError[] {
  if (value === undefined || value === 'Default') return []
  if (value !== 'Unmasked') return [notSupported(field, value, ['Default', 'Unmasked'])]
  return hostUsers ? [invalidValue(field, value, '`hostUsers` must be false to use `Unmasked`')] : []
}

function validateEscalation(context: JsonObject, field: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const contradicting = [
    ...(context.privileged === true ? ['`privileged` to true'] : []),
    ...stringsOf(objectOf(context.capabilities).add)
      .filter((it) => it === 'CAP_SYS_ADMIN')
      .map((it) => `\`capabilities.Add\` ${it}`),
  ]
  const shown = internalForm(context, 'SecurityContext')
  return contradicting.map((it) =>
    invalidValue(field, shown, `cannot set \`allowPrivilegeEscalation\` to false and ${it}`),
  )
}

/** A user or group of the machine. */
function validateId(value: unknown, field: string): FieldError[] {
  const isBad = typeof value === 'number' && (value < 0 || value > 2_147_483_647)
  return isBad ? [invalidValue(field, value, 'must be between 0 and 2147483647, inclusive')] : []
}

const changePolicies = ['Always', 'OnRootMismatch']
const groupPolicies = ['Merge', 'Strict']
const labelPolicies = ['MountOption', 'Recursive']

/** What all containers of a pod have in common. */
export function validatePodSecurityContext(spec: JsonObject, field: string): FieldError[] {
  const context = objectOf(spec.securityContext)
  return [
    ...['fsGroup', 'runAsUser', 'runAsGroup'].flatMap((name) =>
      validateId(context[name], `${field}.${name}`),
    ),
    ...(Array.isArray(context.supplementalGroups)
      ? (context.supplementalGroups as readonly unknown[])
      : []
    ).flatMap((it, index) => validateId(it, `${field}.supplementalGroups[${index}]`)),
    ...(spec.hostPID === true && spec.shareProcessNamespace === true
      ? [
          invalidValue(
            `${field}.shareProcessNamespace`,
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...validateSysctls(spec, `${field}.sysctls`),
    ...oneOf(context.fsGroupChangePolicy, `${field}.fsGroupChangePolicy`, changePolicies),
    ...validateSeccomp(context.seccompProfile, `${field}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${field}.appArmorProfile`),
    ...oneOf(context.supplementalGroupsPolicy, `${field}.supplementalGroupsPolicy`, groupPolicies),
    ...oneOf(context.seLinuxChangePolicy, `${field}.seLinuxChangePolicy`, labelPolicies),
  ]
}

function oneOf(value: unknown, field: string, choices: readonly string[]): FieldError[] {
  return value === undefined || choices.includes(textOf(value)) ? [] : [notSupported(field, value, choices)]
}

const sysctl = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const longestSysctl = 253
const netSysctl = /^net[./]/
const ipcSysctl = /^(kernel[./](shm|msg|sem)|fs[./]mqueue[./])/

function validateSysctls(spec: JsonObject, field: string): FieldError[] {
  const names = new Set<string>()
  return listOf(objectOf(spec.securityContext).sysctls).flatMap((it, index) => {
    const at = `${field}[${index}].name`
    const name = textOf(it.name)
    const errors: FieldError[] = []
    if (name === '') errors.push(required(at))
    else if (name.length > longestSysctl || !sysctl.test(name)) {
      errors.push(
        invalidValue(
          at,
          name,
          'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        ),
      )
    } else if (names.has(name)) errors.push(duplicate(at, name))
    names.add(name)
    if (spec.hostNetwork === true && netSysctl.test(name)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostNetwork' is true"))
    } else if (spec.hostIPC === true && ipcSysctl.test(name)) {
      errors.push(invalidValue(at, name, "may not be specified when 'hostIPC' is true"))
    }
    return errors
  })
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

/** The profile of system calls that a pod or container may make. */
function validateSeccomp(profile: unknown, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile: path } = objectOf(profile)
  const at = `${field}.localhostProfile`
  const errors = validateProfileType(type, field, 'seccompProfile')
  if (type !== 'Localhost') {
    return path === undefined
      ? errors
      : [
          ...errors,
          invalidValue(
            at,
            internalForm(objectOf(profile), 'Profile'),
            'can only be set when seccomp type is Localhost',
          ),
        ]
  }
  return path === undefined
    ? [...errors, required(at, 'must be set when seccomp type is Localhost')]
    : [...errors, ...validateDescendingPath(textOf(path), at)]
}

function validateProfileType(type: unknown, field: string, name: string): FieldError[] {
  if (textOf(type) === '') return [required(`${field}.type`, `type is required when ${name} is set`)]
  return profileTypes.includes(textOf(type)) ? [] : [notSupported(`${field}.type`, type, profileTypes)]
}

const longestPath = 4095

function validateAppArmor(profile: unknown, field: string): FieldError[] {
  if (profile === undefined) return []
  const { type, localhostProfile: path } = objectOf(profile)
  const at = `${field}.localhostProfile`
  const errors = validateProfileType(type, field, 'appArmorProfile')
  if (errors.length > 0) return errors
  if (type !== 'Localhost') {
    const problem = 'can only be set when AppArmor type is Localhost'
    return path === undefined ? [] : [invalidValue(at, path, problem)]
  }
  const text = textOf(path)
  if (text === '') return [required(at, 'must be set when AppArmor type is Localhost')]
  return [
    ...(text.trim() === text ? [] : [invalidValue(at, text, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(text) > longestPath ? [tooLong(at, longestPath)] : []),
  ]
}

/** A pod with users of its own has nothing else of the machine's. */
export function validateHostUsers(spec: JsonObject, field: string): FieldError[] {
  if (spec.hostUsers !== false) return []
  const names = { hostNetwork: 'hostNetwork', hostPID: 'HostPID', hostIPC: 'HostIPC' }
  return Object.entries(names)
    .filter(([name]) => spec[name] === true)
    .map(([, shown]) => forbiddenField(`${field}.${shown}`, 'when `pod.Spec.HostUsers` is false'))
}
