import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../status/field-error.ts'
import { invalid } from '../status/status-error.ts'

export type Query = Readonly<Record<string, string>>

/** What the query of a write says. */
export type WriteOptions = {
  readonly dryRun: boolean
  /** Name of the manager, from the query or else the user agent. */
  readonly fieldManager: string
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore'
  readonly force: boolean
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

const maxManagerLength = 128

/**
 * Reads and checks the options of a create, update or patch.
 *
 * @param kind how errors name the options, such as `CreateOptions`
 * @throws {ApiError} Invalid
 */
export function writeOptions(
  query: Query,
  {
    kind,
    userAgent,
    isApply = false,
  }: { readonly kind: string; readonly userAgent: string; readonly isApply?: boolean },
): WriteOptions {
  const errors: FieldError[] = []
  const manager = query['fieldManager'] ?? ''
  const { force: forceText } = query
  const force = forceText !== undefined && forceText !== 'false' && forceText !== '0'
  if (isApply && manager === '') errors.push(required('fieldManager', 'is required for apply patch'))
  if (!isApply && forceText !== undefined && kind === 'PatchOptions') {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  }
  if (manager.length > maxManagerLength) errors.push(tooLong('fieldManager', maxManagerLength))
  else if (!/^[\P{C}]*$/u.test(manager)) {
    errors.push(invalidValue('fieldManager', manager, 'should only contain printable characters'))
  }
  errors.push(...dryRunErrors(query))
  const fieldValidation = query['fieldValidation'] ?? ''
  const levels = ['', 'Ignore', 'Warn', 'Strict']
  if (!levels.includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  }
  refuse(kind, errors)
  return {
    dryRun: isDryRun(query),
    fieldManager: manager === '' ? managerOfAgent(userAgent) : manager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as 'Strict' | 'Warn' | 'Ignore'),
    force,
  }
}

export function isDryRun(query: Query): boolean {
  return query['dryRun'] !== undefined && query['dryRun'] !== ''
}

export function dryRunErrors(query: Query): FieldError[] {
  const { dryRun } = query
  return dryRun === undefined || dryRun === '' || dryRun === 'All'
    ? []
    : [notSupported('dryRun', [dryRun], ['All'])]
}

/** Throws when there are errors of the options named `kind`. */
export function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
}

/** What stands before the first slash of a user agent. */
export function managerOfAgent(userAgent: string): string {
  const name = (userAgent.split('/')[0] ?? '').replaceAll(/\p{C}/gu, '').slice(0, maxManagerLength)
  return name === '' ? 'unknown' : name
}
