import { age, type KindDefinition, type PrinterColumn, ready, status } from './kind-definition.ts'

/** What the kinds of the source group have in common. */
export const sourceGroup: Pick<
  KindDefinition,
  'group' | 'categories' | 'storage' | 'statusBeginsUnobserved' | 'substitutionDisabled'
> = {
  group: 'source.toolkit.fluxcd.io',
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  storage: 'v1',
  statusBeginsUnobserved: true,
  substitutionDisabled: true,
}

export const betas: readonly string[] = ['v1beta1', 'v1beta2']

/** Age stands before Ready from v1beta2 on, and at the end in v1beta1. */
export function sourceVersions(...columns: readonly PrinterColumn[]): KindDefinition['versions'] {
  return [
    { name: 'v1', columns: [...columns, age, ready, status] },
    { name: 'v1beta2', columns: [...columns, age, ready, status], deprecated: true },
    { name: 'v1beta1', columns: [...columns, ready, status, age], deprecated: true },
  ]
}
