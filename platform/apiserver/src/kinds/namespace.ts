import type { KubeObject } from '@sluice/ports'
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
  prepareUpdate: (next, old, { subresource }) =>
    // Its finalizers change only through their own endpoint.
    subresource === 'finalize' ? next : { ...next, spec: old['spec'] },
}

/** Finalizers in the spec of a namespace: they, too, keep it from going away. */
export function namespaceFinalizers(namespace: KubeObject): readonly string[] {
  const spec = namespace['spec'] as { readonly finalizers?: readonly string[] } | undefined
  return spec?.finalizers ?? []
}
