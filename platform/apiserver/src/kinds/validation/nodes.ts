import { jsonEqual } from '@sluice/merge'
import type { KubeObject } from '@sluice/ports'
import { type FieldError, forbiddenField, invalidValue, required } from '../../status/field-error.ts'
import { listOf, objectOf, stringsOf, textOf } from '../json-fields.ts'
import { dnsLabel } from '../names.ts'
import { validateCidr, validateNeededName } from './formats.ts'
import { validateTaints, validateTolerations } from './pod-placement.ts'
import { validateResourceAmount, validateResourceName } from './resources.ts'

export function validateNode(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  const status = objectOf(object['status'])
  return [
    ...validateTaints(listOf(spec.taints), 'metadata.taints'),
    ...['capacity', 'allocatable'].flatMap((part) =>
      Object.entries(objectOf(status[part])).flatMap(([name, amount]) =>
        validateResourceAmount(name, amount, `status.${part}.${name}`),
      ),
    ),
    ...stringsOf(spec.podCIDRs).flatMap((it, index) => validateCidr(it, `spec.podCIDRs[${index}]`)),
  ]
}

export function validateNodeUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const wanted = objectOf(next['spec'])
  const current = objectOf(old['spec'])
  const keeps = (name: string): boolean =>
    current[name] === undefined || current[name] === '' || jsonEqual(wanted[name], current[name])
  return [
    ...(keeps('podCIDRs')
      ? []
      : [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]),
    ...(keeps('providerID')
      ? []
      : [
          forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'),
        ]),
  ]
}

/** A way to run containers that nodes have. */
export function validateRuntimeClass(object: KubeObject): FieldError[] {
  const { podFixed } = objectOf(object['overhead'])
  return [
    ...validateNeededName(textOf(object['handler']), 'handler', dnsLabel),
    ...Object.entries(objectOf(podFixed)).flatMap(([name, amount]) => [
      ...validateResourceName(name, `overhead.podFixed[${name}]`, 'container'),
      ...validateResourceAmount(name, amount, `overhead.podFixed[${name}]`),
    ]),
    ...validateTolerations(listOf(objectOf(object['scheduling']).tolerations), 'scheduling.tolerations'),
  ]
}

export function validateRuntimeClassUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  return next['handler'] === old['handler']
    ? []
    : [invalidValue('handler', next['handler'], 'field is immutable')]
}

const lifecycleModes = ['Ephemeral', 'Persistent']

/** A driver of volumes. */
export function validateCsiDriver(object: KubeObject): FieldError[] {
  const spec = objectOf(object['spec'])
  return [
    ...['attachRequired', 'podInfoOnMount', 'storageCapacity']
      .filter((name) => spec[name] === undefined)
      .map((name) => required(`spec.${name}`)),
    ...stringsOf(spec.volumeLifecycleModes)
      .filter((it) => !lifecycleModes.includes(it))
      .map((it) => ({
        reason: 'FieldValueNotSupported',
        field: 'spec.volumeLifecycleModes',
        message: `Unsupported value: ${JSON.stringify(it)}: supported values: "Ephemeral", "Persistent"`,
      })),
  ]
}
