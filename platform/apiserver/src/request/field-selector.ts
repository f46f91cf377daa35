import type { KubeObject } from '@sluice/ports'
import { badRequest } from '../status/status-error.ts'

/** Reads the fields that a selector may name. */
export type FieldReader = (object: KubeObject, field: string) => string

export type FieldMatcher = {
  readonly matches: (object: KubeObject) => boolean
  /** The one name that is asked for, when the selector says so: a list then is a get. */
  readonly name: string | undefined
}

type Requirement = { readonly field: string; readonly value: string; readonly negated: boolean }

/**
 * Reads a field selector such as `metadata.name=x,status.phase!=Running`.
 *
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 * @param known fields that the kind supports besides name and namespace
 * @returns `undefined` when everything is selected
 * @throws {ApiError} BadRequest
 */
export function parseFieldSelector(
  text: string,
  known: readonly string[],
  read: FieldReader,
): FieldMatcher | undefined {
  const requirements = terms(text).map(requirement)
  if (requirements.length === 0) return undefined
  for (const { field } of requirements) {
    if (field !== 'metadata.name' && field !== 'metadata.namespace' && !known.includes(field)) {
      throw badRequest(unknownField(field, known))
    }
  }
  const byName = requirements.find((it) => it.field === 'metadata.name' && !it.negated)
  return {
    name: byName?.value,
    matches: (object) =>
      requirements.every(({ field, value, negated }) => (valueOf(object, field, read) === value) !== negated),
  }
}

function unknownField(field: string, known: readonly string[]): string {
  const supported = known.length === 0 ? ': only "metadata.name", "metadata.namespace"' : ''
  return known.length === 0
    ? `${JSON.stringify(field)} is not a known field selector${supported}`
    : `field label not supported: ${field}`
}

function valueOf(object: KubeObject, field: string, read: FieldReader): string {
  if (field === 'metadata.name') return object.metadata.name ?? ''
  if (field === 'metadata.namespace') return object.metadata.namespace ?? ''
  return read(object, field)
}

function requirement(term: string): Requirement {
  const operator = /^((?:\\.|[^\\!=])*)(!=|==|=)((?:\\.|[^\\])*)$/.exec(term)
  if (!operator) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`)
  const [, field = '', sign, value = ''] = operator
  return { field, value: unescape(value), negated: sign === '!=' }
}

function terms(text: string): string[] {
  return (text.match(/(?:\\.|[^\\,])+/g) ?? []).filter((it) => it !== '')
}

function unescape(text: string): string {
  return text.replaceAll(/\\([\\,=])/g, '$1')
}
