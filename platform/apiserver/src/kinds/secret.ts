import type { KubeObject } from '@sluice/ports'
import { invalidValue } from '../status/field-error.ts'
import type { Strategy } from './strategy.ts'
import { validateSecret, validateSecretUpdate } from './validation/others.ts'

/** Secrets: `stringData` is a way to write `data`, and is never read back. */
export const secretStrategy: Strategy = {
  selectableFields: ['type'],
  updateRulesFirst: true,
  validate: validateSecret,
  validateUpdate: (next, old) => [
    ...(next['type'] === old['type'] ? [] : [invalidValue('type', next['type'], 'field is immutable')]),
    ...validateSecretUpdate(next, old),
  ],
  applyDefaults: ({ stringData, ...secret }) => {
    const typed = { ...secret, type: secret['type'] ?? 'Opaque' } as KubeObject
    if (typeof stringData !== 'object' || stringData === null) return typed
    const written = Object.entries(stringData as Record<string, unknown>).map(([key, value]) => [
      key,
      Buffer.from(String(value), 'utf8').toString('base64'),
    ])
    return { ...typed, data: { ...(secret['data'] as object | undefined), ...Object.fromEntries(written) } }
  },
}
