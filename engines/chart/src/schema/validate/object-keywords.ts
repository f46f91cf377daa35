import type { GoValue } from '@sluice/go'
import { CompiledSchema, type ObjectKeywords } from '../document/compiled.ts'
import { countText } from '../number/number-text.ts'
import { quoted, quotedList } from '../violation.ts'
import { applyToPart, applyToSelf, complain, type Frame, pay, report, rootFrame } from './frame.ts'

type Members = ReadonlyMap<string, GoValue>

/** Applies the keywords about objects. Errors come in the order of the object's members. */
export function checkObject(frame: Frame, keywords: ObjectKeywords, members: Members): void {
  checkSize(frame, keywords, members)
  const missing = missingOf(keywords.required, members)
  if (missing.length > 0) {
    complain(frame, `missing ${missing.length === 1 ? 'property' : 'properties'} ${quotedList(missing)}`)
  }
  if (frame.isQuiet && frame.errors.length > 0) return
  checkRequirements(frame, keywords.dependencies, members)
  checkMembers(frame, keywords, members)
  checkNames(frame, keywords.propertyNames, members)
  checkRequirements(frame, keywords.dependentSchemas, members)
  checkRequirements(frame, keywords.dependentRequired, members)
}

function checkSize(frame: Frame, { minProperties, maxProperties }: ObjectKeywords, { size }: Members): void {
  if (minProperties !== undefined && size < minProperties) {
    complain(frame, `minProperties: got ${countText(size)}, want ${countText(minProperties)}`)
  }
  if (maxProperties !== undefined && size > maxProperties) {
    complain(frame, `maxProperties: got ${countText(size)}, want ${countText(maxProperties)}`)
  }
}

function missingOf(required: readonly string[] | undefined, members: Members): readonly string[] {
  return required?.filter((name) => !members.has(name)) ?? []
}

function checkMembers(frame: Frame, keywords: ObjectKeywords, members: Members): void {
  const { properties, patternProperties = [], additionalProperties } = keywords
  const unwanted: string[] = []
  for (const [name, value] of members) {
    if (frame.isQuiet && frame.errors.length > 0) return
    const own = properties?.get(name)
    const schemas = own ? [own] : []
    for (const [pattern, schema] of patternProperties) {
      pay(frame, 1)
      if (pattern.test(name)) schemas.push(schema)
    }
    const isKnown = schemas.length > 0
    if (!isKnown && additionalProperties === false) unwanted.push(name)
    else if (!isKnown && additionalProperties instanceof CompiledSchema) schemas.push(additionalProperties)
    for (const schema of schemas) report(frame, applyToPart(frame, schema, { value, name }))
    if (isKnown || additionalProperties !== undefined) frame.unevaluated.names.delete(name)
  }
  if (unwanted.length === 0) return
  complain(frame, `additional properties ${quotedList(unwanted.toSorted())} not allowed`)
}

function checkNames(frame: Frame, schema: CompiledSchema | undefined, members: Members): void {
  if (!schema) return
  const { meta, session } = frame
  for (const name of members.keys()) {
    // A name has no place of its own in the document: its errors are at the root.
    const violation = session.validate(rootFrame(schema, name, { session, meta }))
    if (violation) {
      const causes = violation.kind === 'group' ? violation.causes : [violation]
      complain(frame, `invalid propertyName ${quoted(name)}`, causes)
    }
  }
}

/** What members ask for when they are there: other members, or a schema for the whole. */
function checkRequirements(
  frame: Frame,
  rules: ReadonlyMap<string, CompiledSchema | readonly string[]> | undefined,
  members: Members,
): void {
  for (const [name, rule] of rules ?? []) {
    if (!members.has(name)) continue
    if (rule instanceof CompiledSchema) {
      report(frame, applyToSelf(frame, rule))
      continue
    }
    const missing = missingOf(rule, members)
    if (missing.length === 0) continue
    complain(frame, `properties ${quotedList(missing)} required, if ${quoted(name)} exists`)
  }
}
