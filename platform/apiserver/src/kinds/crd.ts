import type { JsonObject, KubeObject } from '@sluice/ports'
import type { Strategy } from './strategy.ts'

type Spec = {
  readonly group?: string
  readonly names?: { readonly kind?: string; readonly singular?: string; readonly listKind?: string }
  readonly versions?: readonly { readonly name?: string; readonly storage?: boolean }[]
  readonly conversion?: JsonObject
}

/** Keeps a definition until its objects are gone. */
export const crdFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** Definitions of custom resources: what an author may leave out. */
export const crdStrategy: Strategy = {
  hasGeneration: true,
  applyDefaults: (object) => {
    const spec = (object['spec'] ?? {}) as Spec
    const { names = {} } = spec
    const kind = names.kind ?? ''
    return {
      ...object,
      spec: {
        ...spec,
        names: {
          ...names,
          ...(names.singular || kind === '' ? {} : { singular: kind.toLowerCase() }),
          ...(names.listKind || kind === '' ? {} : { listKind: `${kind}List` }),
        },
        conversion: spec.conversion ?? { strategy: 'None' },
      },
    }
  },
  prepareCreate: (object) => ({ ...object, status: initialStatus(object) }),
  deletionFinalizers: [crdFinalizer],
  markDeleted: (object) => {
    const { deletionGracePeriodSeconds: _, generation = 1, ...metadata } = object.metadata
    // Being deleted is no change of the definition.
    return { ...object, metadata: { ...metadata, generation: generation - 1 } }
  },
}

function initialStatus(object: KubeObject): JsonObject {
  const { versions = [] } = (object['spec'] ?? {}) as Spec
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: versions.filter((it) => it.storage).map((it) => it.name ?? ''),
  }
}
