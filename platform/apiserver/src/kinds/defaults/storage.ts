import type { JsonObject, KubeObject } from '@sluice/ports'
import { change, changeSpec, fill, objectOf } from '../json-fields.ts'

export function defaultClaimSpec(spec: JsonObject): JsonObject {
  return fill({ ...spec, resources: objectOf(spec.resources) }, { volumeMode: 'Filesystem' })
}

export function defaultClaim(object: KubeObject): KubeObject {
  return {
    ...changeSpec(object, defaultClaimSpec),
    status: fill(objectOf(object['status']), { phase: 'Pending' }),
  }
}

export function defaultVolumeObject(object: KubeObject): KubeObject {
  return {
    ...changeSpec(object, (spec) => {
      const filled = fill(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })
      return change(filled, 'hostPath', (it) => fill(it, { type: '' }))
    }),
    status: fill(objectOf(object['status']), { phase: 'Pending' }),
  }
}

export function defaultStorageClass(object: KubeObject): KubeObject {
  return { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', ...object }
}

export function defaultCsiDriver(object: KubeObject): KubeObject {
  return changeSpec(object, (spec) =>
    fill(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      volumeLifecycleModes: ['Persistent'],
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    }),
  )
}
