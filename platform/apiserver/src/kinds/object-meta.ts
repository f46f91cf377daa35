import { type KubeObject, labelValueProblem, type ObjectMeta, qualifiedNameProblems } from '@sluice/ports'
import { duplicate, type FieldError, forbiddenField, invalidValue, required } from '../status/field-error.ts'
import { dnsSubdomain } from './names.ts'

const maxAnnotationBytes = 256 * 1024

/** Checks metadata that a client may write. Source: Kubernetes 1.36, ObjectMeta validation as users see it. */
export function validateMeta(
  { metadata }: KubeObject,
  {
    namespaced,
    nameProblem = dnsSubdomain,
  }: {
    readonly namespaced: boolean
    /** Whether the kind comes from a CRD. */
    readonly nameProblem?: ((name: string, isPrefix: boolean) => string | undefined) | undefined
  },
): FieldError[] {
  const errors: FieldError[] = []
  const { name = '', generateName = '' } = metadata
  if (generateName !== '') {
    const problem = nameProblem(generateName, true)
    if (problem) errors.push(invalidValue('metadata.generateName', generateName, problem))
  }
  if (name === '') {
    errors.push(required('metadata.name', 'name or generateName is required'))
  } else {
    const problem = nameProblem(name, false)
    if (problem) errors.push(invalidValue('metadata.name', name, problem))
  }
  if (namespaced && (metadata.namespace ?? '') === '') errors.push(required('metadata.namespace'))
  return [
    ...errors,
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validateOwners(metadata),
    ...validateFinalizers(metadata),
  ]
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => {
    const valueProblem = labelValueProblem(value)
    return [
      ...qualifiedNameProblems(key).map((it) => invalidValue(field, key, it)),
      ...(valueProblem ? [invalidValue(field, value, valueProblem)] : []),
    ]
  })
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  let size = 0
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(annotations ?? {})) {
    for (const problem of qualifiedNameProblems(key.toLowerCase())) {
      errors.push(invalidValue(field, key, problem))
    }
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (size > maxAnnotationBytes) {
    errors.push({
      reason: 'FieldValueTooLong',
      field,
      message: `Too long: may not be more than ${maxAnnotationBytes} bytes`,
    })
  }
  return errors
}

function validateOwners({ ownerReferences = [] }: ObjectMeta): FieldError[] {
  const field = 'metadata.ownerReferences'
  const errors: FieldError[] = []
  const controllers: string[] = []
  ownerReferences.forEach((owner, index) => {
    const at = `${field}[${index}]`
    if (owner.apiVersion === undefined || owner.apiVersion === '') {
      errors.push(invalidValue(`${at}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    }
    if (!owner.kind) errors.push(invalidValue(`${at}.kind`, owner.kind ?? '', 'must not be empty'))
    if (!owner.name) errors.push(invalidValue(`${at}.name`, owner.name ?? '', 'must not be empty'))
    if (!owner.uid) errors.push(invalidValue(`${at}.uid`, owner.uid ?? '', 'must not be empty'))
    if (owner.kind === 'Event' && owner.apiVersion === 'v1') {
      errors.push(invalidValue(field, owner, 'v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller === true) controllers.push(`${owner.kind}/${owner.name}`)
  })
  if (controllers.length > 1) {
    errors.push(
      invalidValue(
        field,
        ownerReferences.map(({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }) => ({
          apiVersion,
          kind,
          name,
          uid,
          controller,
          blockOwnerDeletion,
        })),
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`,
      ),
    )
  }
  return errors
}

function validateFinalizers({ finalizers = [] }: ObjectMeta): FieldError[] {
  const field = 'metadata.finalizers'
  const errors: FieldError[] = []
  for (const name of finalizers) {
    for (const problem of qualifiedNameProblems(name)) errors.push(invalidValue(field, name, problem))
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidValue(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

/** Checks what an update must not touch. */
export function validateMetaUpdate(next: KubeObject, old: KubeObject): FieldError[] {
  const a = next.metadata
  const b = old.metadata
  const errors: FieldError[] = []
  const added = (a.finalizers ?? []).filter((it) => !(b.finalizers ?? []).includes(it))
  if (b.deletionTimestamp !== undefined && added.length > 0) {
    const list = added.map((it) => JSON.stringify(it)).join(', ')
    errors.push(
      forbiddenField(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      ),
    )
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if (a[field] !== b[field]) {
      errors.push(invalidValue(`metadata.${field}`, a[field] ?? '', 'field is immutable'))
    }
  }
  if (a.deletionGracePeriodSeconds !== b.deletionGracePeriodSeconds) {
    errors.push(
      invalidValue(
        'metadata.deletionGracePeriodSeconds',
        a.deletionGracePeriodSeconds ?? null,
        'field is immutable',
      ),
    )
  }
  return errors
}

/** Duplicate entries of a list by a key, as `field[index].key`. */
export function duplicates<T>(
  items: readonly T[],
  { field, key }: { readonly field: (index: number) => string; readonly key: (item: T) => string },
): FieldError[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const value = key(item)
    if (value === '' || !seen.has(value)) {
      seen.add(value)
      return []
    }
    return [duplicate(field(index), value)]
  })
}
