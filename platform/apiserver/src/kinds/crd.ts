import type { JsonObject, KubeObject } from '@sluice/ports'
import { validateDefinition, validateDefinitionUpdate } from '../crd/validate-definition.ts'
import { listOf, objectOf, stringsOf } from './json-fields.ts'
import type { Strategy } from './strategy.ts'

const terminating = 'Terminating'

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
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  markDeleted: (object, { now }) => {
    const { deletionGracePeriodSeconds: _, generation = 1, ...metadata } = object.metadata
    const status = objectOf(object['status'])
    const conditions = listOf(status.conditions).filter((it) => it.type !== terminating)
    return {
      ...object,
      // Being deleted is no change of the definition.
      metadata: { ...metadata, generation: generation - 1 },
      status: {
        ...status,
        conditions: [
          ...conditions,
          {
            type: terminating,
            status: 'True',
            lastTransitionTime: now,
            reason: 'InstanceDeletionPending',
            message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          },
        ],
      },
    }
  },
  prepareUpdate: (next, _old, { subresource }) => (subresource === '' ? withStoredVersion(next) : next),
}

/** Objects may still be stored in every version that ever was the stored one. */
function withStoredVersion(object: KubeObject): KubeObject {
  const status = objectOf(object['status'])
  const current = versionsOf(object).find((it) => it.storage)?.name ?? ''
  const stored = stringsOf(status.storedVersions)
  return stored.includes(current)
    ? object
    : { ...object, status: { ...status, storedVersions: [...stored, current] } }
}

function initialStatus(object: KubeObject): JsonObject {
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: [
      ...new Set(
        versionsOf(object)
          .filter((it) => it.storage)
          .map((it) => it.name ?? ''),
      ),
    ],
  }
}

/** The versions that an object has before it is validated: nobody may have named any. */
function versionsOf(object: KubeObject): NonNullable<Spec['versions']> {
  return ((object['spec'] ?? {}) as Spec).versions ?? []
}
