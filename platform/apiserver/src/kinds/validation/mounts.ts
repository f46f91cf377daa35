import type { JsonObject } from '@sluice/ports'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { validateDescendingPath, validateNoBacksteps } from './formats.ts'

/** The pod's volumes by name. */
export type Volumes = ReadonlyMap<string, JsonObject>

const propagations = ['Bidirectional', 'HostToContainer', 'None']
const recursions = ['Disabled', 'Enabled', 'IfPossible']

/** Where a container has its volumes. */
export function validateMounts(container: JsonObject, volumes: Volumes, field: string): FieldError[] {
  const devices = listOf(container.volumeDevices)
  const deviceNames = new Set(devices.map((it) => textOf(it.name)))
  const devicePaths = new Set(devices.map((it) => textOf(it.devicePath)))
  const paths = new Set<string>()
  return listOf(container.volumeMounts).flatMap((mount, index) => {
    const at = `${field}[${index}]`
    const name = textOf(mount.name)
    const path = textOf(mount.mountPath)
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name))
    if (path === '') errors.push(required(`${at}.mountPath`))
    if (paths.has(path)) errors.push(invalidValue(`${at}.mountPath`, path, 'must be unique'))
    paths.add(path)
    if (deviceNames.has(name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'))
    }
    if (devicePaths.has(path)) {
      const problem = 'must not already exist as a path in volumeDevices'
      errors.push(invalidValue(`${at}.mountPath`, path, problem))
    }
    return [
      ...errors,
      ...validateSubPaths(mount, volumes.get(name), { at, field }),
      ...validatePropagation(mount, container, `${field}.mountPropagation`),
      ...validateRecursion(mount, `${field}.recursiveReadOnly`),
    ]
  })
}

function validateSubPaths(
  mount: JsonObject,
  volume: JsonObject | undefined,
  { at, field }: { readonly at: string; readonly field: string },
): FieldError[] {
  const subPath = textOf(mount.subPath)
  const expression = textOf(mount.subPathExpr)
  const errors: FieldError[] = []
  if (volume?.image !== undefined) {
    for (const name of ['subPath', 'subPathExpr']) {
      const value = textOf(mount[name])
      if (value === '') continue
      errors.push(invalidValue(`${at}.${name}`, value, 'not allowed in image volume sources'))
    }
  }
  errors.push(...validateDescendingPath(subPath, `${field}.subPath`))
  if (subPath !== '' && expression !== '') {
    const problem = 'subPathExpr and subPath are mutually exclusive'
    errors.push(invalidValue(`${at}.subPathExpr`, expression, problem))
  }
  return [...errors, ...validateDescendingPath(expression, `${field}.subPathExpr`)]
}

function validatePropagation(
  { mountPropagation: wanted }: JsonObject,
  container: JsonObject,
  field: string,
): FieldError[] {
  if (wanted === undefined) return []
  if (!propagations.includes(textOf(wanted))) return [notSupported(field, wanted, propagations)]
  const isPrivileged = objectOf(container.securityContext).privileged === true
  return wanted === 'Bidirectional' && !isPrivileged
    ? [forbiddenField(field, 'Bidirectional mount propagation is available only to privileged containers')]
    : []
}

function validateRecursion(mount: JsonObject, field: string): FieldError[] {
  const { recursiveReadOnly: wanted, readOnly, mountPropagation = 'None' } = mount
  if (wanted === undefined || wanted === 'Disabled') return []
  if (!recursions.includes(textOf(wanted))) return [notSupported(field, wanted, recursions)]
  return [
    ...(readOnly === true ? [] : [forbiddenField(field, 'may only be specified when readOnly is true')]),
    ...(mountPropagation === 'None'
      ? []
      : [forbiddenField(field, 'may only be specified when mountPropagation is None or not specified')]),
  ]
}

/** Volumes that a container has as devices. */
export function validateDevices(container: JsonObject, volumes: Volumes, field: string): FieldError[] {
  const mounts = listOf(container.volumeMounts)
  const mountNames = new Set(mounts.map((it) => textOf(it.name)))
  const mountPaths = new Set(mounts.map((it) => textOf(it.mountPath)))
  const names = new Set<string>()
  const paths = new Set<string>()
  return listOf(container.volumeDevices).flatMap((device, index) => {
    const at = `${field}[${index}]`
    const name = textOf(device.name)
    const path = textOf(device.devicePath)
    const errors: FieldError[] = []
    if (name === '') errors.push(required(`${at}.name`))
    if (names.has(name)) errors.push(invalidValue(`${at}.name`, name, 'must be unique'))
    if (name !== '') names.add(name)
    const volume = volumes.get(name)
    if (!volume) errors.push(notFoundValue(`${at}.name`, name))
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const problem = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
      errors.push(invalidValue(`${at}.name`, name, problem))
    }
    if (path === '') errors.push(required(`${at}.devicePath`))
    if (paths.has(path)) errors.push(invalidValue(`${at}.devicePath`, path, 'must be unique'))
    if (validateNoBacksteps(path, at).length > 0) {
      errors.push(invalidValue(`${at}.devicePath`, path, "can not contain backsteps ('..')"))
    } else paths.add(path)
    if (mountNames.has(name)) {
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeMounts'))
    }
    if (mountPaths.has(path)) {
      const problem = 'must not already exist as a path in volumeMounts'
      errors.push(invalidValue(`${at}.devicePath`, path, problem))
    }
    return errors
  })
}
