import type { KindDefinition } from './kind-definition.ts'

/** What the kinds of the image group have in common. */
export const imageGroup: Pick<KindDefinition, 'group' | 'categories' | 'storage' | 'statusBeginsUnobserved'> =
  {
    group: 'image.toolkit.fluxcd.io',
    categories: ['all', 'fluxcd', 'fluxcd-images'],
    storage: 'v1',
    statusBeginsUnobserved: true,
  }

export const imageBetas: readonly string[] = ['v1beta1', 'v1beta2']
export const sinceImageBeta2: readonly string[] = ['v1', 'v1beta2']
