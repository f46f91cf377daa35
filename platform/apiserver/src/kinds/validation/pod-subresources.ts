import { jsonEqual } from '@sluice/merge'
import type { JsonObject, KubeObject } from '@sluice/ports'
import { type FieldError, forbiddenField, invalidValue } from '../../status/field-error.ts'
import { listOf, objectOf, textOf } from '../json-fields.ts'
import { qosClassOf } from '../quality-of-service.ts'

/** Containers for debugging can only be added. */
export function validateDebugging(next: KubeObject, old: KubeObject): FieldError[] {
  const field = 'spec.ephemeralContainers'
  const wanted = listOf(objectOf(next['spec']).ephemeralContainers)
  return listOf(objectOf(old['spec']).ephemeralContainers).flatMap((container) => {
    const name = JSON.stringify(textOf(container.name))
    const own = wanted.find((it) => it.name === container.name)
    if (!own) return [forbiddenField(field, `existing ephemeral containers ${name} may not be removed\n`)]
    return jsonEqual(own, container)
      ? []
      : [forbiddenField(field, `existing ephemeral containers ${name} may not be changed\n`)]
  })
}

const resizable = ['cpu', 'memory']

/**
 * A pod that runs gets other amounts of processor and memory, and stays what it is in everything else.
 *
 * Source: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
 */
export function validateResize(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = objectOf(next['spec'])
  const current = objectOf(old['spec'])
  const { qosClass = '' } = objectOf(old['status'])
  return [
    ...(qosClassOf(wanted) === qosClass
      ? []
      : [invalidValue('spec', qosClass, 'Pod QOS Class may not change as a result of resizing')]),
    ...validateContainers(wanted, current),
    ...validateInitContainers(wanted, current),
    ...(jsonEqual(withoutAmounts(wanted), withoutAmounts(current))
      ? []
      : [forbiddenField('spec', 'only cpu and memory resources are mutable')]),
  ]
}

function validateContainers(wanted: JsonObject, current: JsonObject): FieldError[] {
  const old = listOf(current.containers)
  return listOf(wanted.containers).flatMap((container, index) =>
    validateRemoved(container, old[index] ?? {}, `spec.containers[${index}].resources`),
  )
}

function validateInitContainers(wanted: JsonObject, current: JsonObject): FieldError[] {
  const old = listOf(current.initContainers)
  return listOf(wanted.initContainers).flatMap((container, index) => {
    const field = `spec.initContainers[${index}].resources`
    const before = old[index] ?? {}
    if (container.restartPolicy === 'Always') return validateRemoved(container, before, field)
    return jsonEqual(container.resources ?? {}, before.resources ?? {})
      ? []
      : [forbiddenField(field, 'resources for non-sidecar init containers are immutable')]
  })
}

function validateRemoved(next: JsonObject, old: JsonObject, field: string): FieldError[] {
  return ['limits', 'requests'].flatMap((amounts) => {
    const wanted = objectOf(objectOf(next.resources)[amounts])
    const current = objectOf(objectOf(old.resources)[amounts])
    const isRemoved = resizable.some((it) => current[it] !== undefined && wanted[it] === undefined)
    return isRemoved ? [forbiddenField(`${field}.${amounts}`, `resource ${amounts} cannot be removed`)] : []
  })
}

/** A spec without what a resize may change. */
function withoutAmounts(spec: JsonObject): JsonObject {
  return {
    ...spec,
    containers: listOf(spec.containers).map(withoutOwnAmounts),
    initContainers: listOf(spec.initContainers).map(withoutOwnAmounts),
  }
}

function withoutOwnAmounts(container: JsonObject): JsonObject {
  const { limits, requests, ...others } = objectOf(container.resources)
  return { ...container, resources: { ...others, limits: rest(limits), requests: rest(requests) } }
}

function rest(amounts: unknown): JsonObject {
  return { ...objectOf(amounts), cpu: undefined, memory: undefined }
}
