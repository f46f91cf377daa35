import { type KubeObject, qualifiedNameProblems } from '@sluice/ports'
import { type FieldError, invalidValue } from '../status/field-error.ts'
import { dnsLabel } from './names.ts'
import type { Strategy } from './strategy.ts'

const nameLabel = 'kubernetes.io/metadata.name'
const finalizer = 'kubernetes'

/** Namespaces carry their name as a label and a finalizer that stands for their content. */
export const namespaceStrategy: Strategy = {
  nameProblem: dnsLabel,
  returnsDeleted: true,
  selectableFields: ['status.phase'],
  applyDefaults: (object) => {
    const { name = '', labels } = object.metadata
    if (name === '' || labels?.[nameLabel] === name) return object
    return { ...object, metadata: { ...object.metadata, labels: { ...labels, [nameLabel]: name } } }
  },
  prepareCreate: (object) => {
    const spec = (object['spec'] ?? {}) as { readonly finalizers?: readonly string[] }
    const finalizers = spec.finalizers ?? []
    return {
      ...object,
      spec: { ...spec, finalizers: finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer] },
      status: { phase: 'Active' },
    }
  },
  markDeleted: (object) => {
    const { deletionGracePeriodSeconds: _, ...metadata } = object.metadata
    const conditions = (object['status'] as { readonly conditions?: unknown } | undefined)?.conditions
    return {
      ...object,
      metadata,
      status: { ...(conditions === undefined ? {} : { conditions }), phase: 'Terminating' },
    }
  },
  staysWhenDeleted: (object) => namespaceFinalizers(object).length > 0,
  partOfSubresource: { finalize: (next, current) => ({ ...current, spec: next['spec'] ?? {} }) },
  prepareUpdate: (next, old, { subresource }) =>
    // Its finalizers change only through their own endpoint.
    subresource === 'finalize' ? next : { ...next, spec: old['spec'] },
  validateNew: (object) =>
    namespaceFinalizers(object).flatMap((it) => validateFinalizer(it, 'spec.finalizers')),
  validateUpdate: (next, _old, { subresource }) => {
    if (subresource === 'status') return validatePhase(next)
    return subresource === 'finalize'
      ? namespaceFinalizers(next).flatMap((it, index) => validateFinalizer(it, `spec.finalizers[${index}]`))
      : []
  },
}

function validateFinalizer(name: string, field: string): FieldError[] {
  const problems = qualifiedNameProblems(name)
  if (problems.length > 0) return problems.map((it) => invalidValue(field, name, it))
  const unnamed = 'name is neither a standard finalizer name nor is it fully qualified'
  return name.includes('/') || standardFinalizers.has(name) ? [] : [invalidValue(field, name, unnamed)]
}

const standardFinalizers = new Set([finalizer, 'orphan', 'foregroundDeletion'])

function validatePhase(namespace: KubeObject): FieldError[] {
  const phase = (namespace['status'] as { readonly phase?: string } | undefined)?.phase ?? ''
  const isLeaving = namespace.metadata.deletionTimestamp !== undefined
  if (phase === (isLeaving ? 'Terminating' : 'Active')) return []
  const problem = isLeaving
    ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
    : "may only be 'Active' if `deletionTimestamp` is empty"
  return [invalidValue('status.Phase', phase, problem)]
}

/** Finalizers in the spec of a namespace: they, too, keep it from going away. */
export function namespaceFinalizers(namespace: KubeObject): readonly string[] {
  const spec = namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined
  return spec?.finalizers ?? []
}
