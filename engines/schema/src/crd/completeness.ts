import type { JsonObject } from '@sluice/ports'
import { childPath, type FieldError, indexPath, keyPath, required } from '../errors/field-error.ts'
import { namedSchemasAt, schemaAt, schemasAt } from './keywords.ts'

/** Where a restriction stands and where the data that it restricts is described. */
type Places = { readonly structure: string; readonly restriction: string }

/** Checks that whatever the junctors of an object restrict is described outside of them. */
export function checkCompleteness(errors: FieldError[], schema: JsonObject, path: string): void {
  checkJunctors(errors, schema, schema, { structure: path, restriction: path })
}

function checkJunctors(
  errors: FieldError[],
  restriction: JsonObject,
  structure: JsonObject,
  places: Places,
): void {
  const at = (keyword: string): string => childPath(places.restriction, keyword)
  const not = schemaAt(restriction, 'not')
  if (not) checkNested(errors, not, structure, { ...places, restriction: at('not') })
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    for (const [index, nested] of schemasAt(restriction, keyword).entries()) {
      checkNested(errors, nested, structure, { ...places, restriction: indexPath(at(keyword), index) })
    }
  }
}

function checkNested(
  errors: FieldError[],
  restriction: JsonObject,
  structure: JsonObject | undefined,
  places: Places,
): void {
  if (!structure) {
    errors.push(required(places.structure, `because it is defined in ${places.restriction}`))
    return
  }
  checkJunctors(errors, restriction, structure, places)
  const items = schemaAt(restriction, 'items')
  const within = (step: (path: string) => string): Places => ({
    structure: step(places.structure),
    restriction: step(places.restriction),
  })
  if (items) {
    checkNested(
      errors,
      items,
      schemaAt(structure, 'items'),
      within((path) => childPath(path, 'items')),
    )
  }
  const properties = schemaAt(structure, 'properties') ?? {}
  for (const [name, property] of namedSchemasAt(restriction, 'properties')) {
    const inner = within((path) => keyPath(childPath(path, 'properties'), name))
    checkNested(errors, property, schemaAt(properties, name), inner)
  }
}
