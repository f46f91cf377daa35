import { ToolkitError } from '@sluice/ports'
import { printedPaths } from './field-set.ts'
import type { Manager } from './managers.ts'

export type FieldConflict = { readonly message: string; readonly field: string }

/** Other managers have the fields that a configuration would change. `conflicts` in the order of the message. */
export class ApplyConflictError extends ToolkitError {
  override readonly name = 'ApplyConflictError'
  readonly conflicts: readonly FieldConflict[]
  readonly managers: readonly Manager[]

  /** @param managers each with the fields in conflict only. */
  constructor(managers: readonly Manager[]) {
    const sorted = managers.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const groups = sorted.map((it) => ({ who: printManager(it), paths: printedPaths(it.fields) }))
    const conflicts = groups.flatMap(({ who, paths }) =>
      paths.map((field) => ({ message: `conflict with ${who}`, field })),
    )
    super('APPLY_CONFLICT', describe(groups, conflicts))
    this.conflicts = conflicts
    this.managers = managers
  }
}

/** The configuration does not fit its type; one text a problem. */
export class TypedPatchError extends ToolkitError {
  override readonly name = 'TypedPatchError'

  constructor(problems: readonly string[], prefix = '') {
    const [first = ''] = problems
    const text = problems.length === 1 ? first : `errors:\n${problems.map((it) => `  ${it}`).join('\n')}`
    super('TYPED_PATCH_INVALID', prefix + text)
  }
}

function describe(
  groups: readonly { readonly who: string; readonly paths: readonly string[] }[],
  conflicts: readonly FieldConflict[],
): string {
  const [first] = conflicts
  if (first && conflicts.length === 1) return `Apply failed with 1 conflict: ${first.message}: ${first.field}`
  const lines = groups.flatMap(({ who, paths }) => [
    `conflicts with ${who}:`,
    ...paths.map((path) => `- ${path}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function printManager({ name, subresource, operation, apiVersion }: Manager): string {
  const where = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  const how = operation === 'Update' ? ` using ${apiVersion}` : ''
  return `${JSON.stringify(name)}${where}${how}`
}
