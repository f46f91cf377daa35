import { type GoValue, goTypeName, quote } from '@sluice/go'
import type { CompiledSchema, Keywords } from '../document/compiled.ts'
import { decimalOf, isSame, numberLiteral, typeOfValue } from '../instance.ts'
import { isWhole } from '../number/decimal.ts'
import { SchemaError } from '../schema-error.ts'
import { causesOf, escapePointer, quoted, type Violation } from '../violation.ts'
import { checkArray } from './array-keywords.ts'
import {
  applyToPart,
  applyToSelf,
  complain,
  type Frame,
  type MetaCheck,
  pay,
  report,
  rootFrame,
  type Scope,
  wrong,
} from './frame.ts'
import { checkObject } from './object-keywords.ts'
import { checkNumber, checkText } from './scalar-keywords.ts'

/** Schemas that are applied to values, and violations that are found, in one validation. */
const maxSteps = 1_000_000
const maxViolations = 20_000
/** How deep schemas may be nested while a value is validated. */
const maxDepth = 1_500

/**
 * What is wrong with a value: each with its causes, in the words of the library that Helm 4.3 uses and, as far as that has
 * an order, in its order.
 *
 * Source: JSON Schema drafts 4 to 2020-12; github.com/santhosh-tekuri/jsonschema/v6 6.0.3, observed behaviour.
 * @throws {SchemaError} when the bounds do not suffice
 */
export function violationsOf(schema: CompiledSchema, value: GoValue, meta?: MetaCheck): readonly Violation[] {
  let depth = 0
  const session = {
    budget: { steps: maxSteps, violations: maxViolations },
    validate: (frame: Frame): Violation | undefined => {
      depth += 1
      if (depth > maxDepth) throw new SchemaError('schemas nest too deeply')
      const violation = validateFrame(frame)
      depth -= 1
      return violation
    },
  }
  try {
    const violation = session.validate(rootFrame(schema, value, { session, meta }))
    return violation ? causesOf(violation) : []
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaError('schemas nest too deeply', { cause: error })
    throw error
  }
}

function validateFrame(frame: Frame): Violation | undefined {
  pay(frame, 1)
  const { schema, value, scope } = frame
  const { keywords } = schema
  if (keywords.always !== undefined) return keywords.always ? undefined : wrong(frame, 'false schema')
  const first = cycleOf(frame)
  if (first) {
    const places = `both ${keywordPath(scope)} and ${keywordPath(first)}`
    return wrong(frame, `${places} resolve to ${quote(schema.location)} causing reference cycle`)
  }
  const problem = conclusiveProblem(keywords, value)
  if (problem !== undefined) return wrong(frame, problem)
  if (keywords.ref) {
    const violation = referred(frame, keywords.ref, '$ref')
    if (schema.draftVersion < 2019) return violation
    report(frame, violation)
  }
  checkByType(frame, keywords)
  if (frame.errors.length === 0 || !frame.isQuiet) {
    checkDynamicReferences(frame, keywords)
    checkCombinations(frame, keywords)
    checkUnevaluated(frame, keywords)
  }
  return outcome(frame)
}

function outcome({ errors, path }: Frame): Violation | undefined {
  const [only, ...more] = errors
  return more.length === 0 ? only : { path, text: 'validation failed', causes: errors, kind: 'group' }
}

/** Scopes that are searched for one step. */
const scopesPerStep = 4

/** A schema further out that is the same and looks at the same value. */
function cycleOf(frame: Frame): Scope | undefined {
  const { schema, level, parent } = frame.scope
  let count = 0
  let it = parent
  for (; it && it.level === level && it.schema !== schema; it = it.parent) count += 1
  pay(frame, Math.floor(count / scopesPerStep))
  return it?.level === level ? it : undefined
}

/** The keywords that were passed from the root to a scope. */
function keywordPath(scope: Scope): string {
  let path = ''
  for (let it = scope; it.parent; it = it.parent) {
    const { parent, schema, reference } = it
    const step =
      reference === '' ? schema.location.slice(parent.schema.location.length) : `/${escapePointer(reference)}`
    path = step + path
  }
  return path
}

/** What ends the matter: no other keyword is looked at then. */
function conclusiveProblem(keywords: Keywords, value: GoValue): string | undefined {
  const type = typeOfValue(value)
  if (!type) return `invalid jsonType ${goTypeName(value)}`
  const { types, format } = keywords
  const isInteger = (): boolean => type === 'number' && isWhole(decimalOf(value))
  if (types && !types.includes(type) && !(types.includes('integer') && isInteger())) {
    return `got ${type}, want ${types.join(' or ')}`
  }
  if (keywords.const !== undefined && !isSame(value, keywords.const)) {
    return isPrimitive(keywords.const) ? `value must be ${shown(keywords.const)}` : "'const' failed"
  }
  if (keywords.enum && !keywords.enum.some((choice) => isSame(value, choice))) {
    return choiceText(keywords.enum)
  }
  if (!format || typeof value !== 'string') return undefined
  const problem = format.problem(value)
  return problem === undefined ? undefined : `${quoted(value)} is not valid ${format.name}: ${problem}`
}

function choiceText(choices: readonly GoValue[]): string {
  if (!choices.every(isPrimitive)) return "'enum' failed"
  const list = choices.map(shown).join(', ')
  return choices.length === 1 ? `value must be ${list}` : `value must be one of ${list}`
}

function isPrimitive(value: GoValue): boolean {
  return !Array.isArray(value) && !(value instanceof Map)
}

function shown(value: GoValue): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean') return String(value)
  return value === null || value === undefined ? '<nil>' : numberLiteral(value)
}

function referred(frame: Frame, schema: CompiledSchema, keyword: string): Violation | undefined {
  const violation = applyToSelf(frame, schema, { reference: keyword })
  if (!violation) return undefined
  return { ...wrong(frame, 'validation failed', causesOf(violation)), kind: 'reference' }
}

function checkByType(frame: Frame, { object, array, text, number }: Keywords): void {
  const { value } = frame
  if (value instanceof Map) {
    if (object) checkObject(frame, object, value)
  } else if (Array.isArray(value)) {
    if (array) checkArray(frame, array, value as readonly GoValue[])
  } else if (typeof value === 'string') {
    if (text) checkText(frame, text, value)
  } else if (number && typeOfValue(value) === 'number') {
    checkNumber(frame, number, value)
  }
}

function checkDynamicReferences(frame: Frame, { recursiveRef, dynamicRef }: Keywords): void {
  if (recursiveRef) {
    const isOpen = recursiveRef.keywords.recursiveAnchor === true
    const target = isOpen
      ? outermost(frame.scope, recursiveRef, ({ resource }) =>
          resource.keywords.recursiveAnchor ? true : undefined,
        )
      : recursiveRef
    report(frame, referred(frame, target, '$recursiveRef'))
  }
  if (!dynamicRef) return
  const { schema, anchor } = dynamicRef
  const isOpen = anchor !== '' && schema.keywords.dynamicAnchor === anchor
  const target = isOpen
    ? outermost(frame.scope, schema, ({ resource }) => resource.dynamicAnchors.get(anchor))
    : schema
  report(frame, referred(frame, target, '$dynamicRef'))
}

/** The target that the outermost scope names: `true` stands for its schema itself. */
function outermost(
  scope: Scope,
  fallback: CompiledSchema,
  named: (schema: CompiledSchema) => CompiledSchema | true | undefined,
): CompiledSchema {
  let target = fallback
  for (let it: Scope | undefined = scope; it; it = it.parent) {
    const found = named(it.schema)
    if (found) target = found === true ? it.schema : found
  }
  return target
}

function checkCombinations(frame: Frame, keywords: Keywords): void {
  const { not, allOf, anyOf, oneOf, condition } = keywords
  if (not && !applyToSelf(frame, not, { isQuiet: true })) complain(frame, "'not' failed")
  if (allOf) checkAllOf(frame, allOf)
  if (anyOf && anyOf.length > 0) checkAnyOf(frame, anyOf)
  if (oneOf && oneOf.length > 0) checkOneOf(frame, oneOf)
  if (!condition) return
  const problem = applyToSelf(frame, condition.test, { isQuiet: true })
  const branch = problem ? condition.whenInvalid : condition.whenValid
  if (branch) report(frame, applyToSelf(frame, branch))
}

function checkAllOf(frame: Frame, schemas: readonly CompiledSchema[]): void {
  const errors: Violation[] = []
  for (const schema of schemas) {
    const violation = applyToSelf(frame, schema)
    if (violation) errors.push(violation)
    if (violation && frame.isQuiet) break
  }
  if (errors.length > 0) complain(frame, "'allOf' failed", errors)
}

function checkAnyOf(frame: Frame, schemas: readonly CompiledSchema[]): void {
  const errors: Violation[] = []
  let isMatched = false
  for (const schema of schemas) {
    const violation = applyToSelf(frame, schema)
    if (violation) {
      errors.push(violation)
      continue
    }
    isMatched = true
    // The others matter only for what they evaluate.
    if (frame.unevaluated.isEmpty) break
  }
  if (!isMatched) complain(frame, "'anyOf' failed", errors)
}

function checkOneOf(frame: Frame, schemas: readonly CompiledSchema[]): void {
  const errors: Violation[] = []
  let matched: number | undefined
  for (const [index, schema] of schemas.entries()) {
    const violation = applyToSelf(frame, schema, { isQuiet: matched !== undefined })
    if (violation) {
      errors.push(violation)
      continue
    }
    if (matched !== undefined) {
      complain(frame, `'oneOf' failed, subschemas ${matched}, ${index} matched`)
      return
    }
    matched = index
  }
  if (matched === undefined) complain(frame, "'oneOf' failed, none matched", errors)
}

function checkUnevaluated(frame: Frame, { object, array }: Keywords): void {
  const { value, unevaluated } = frame
  if (value instanceof Map && object?.unevaluatedProperties) {
    for (const name of unevaluated.names) {
      report(frame, applyToPart(frame, object.unevaluatedProperties, { value: value.get(name), name }))
    }
    unevaluated.names.clear()
  }
  if (Array.isArray(value) && array?.unevaluatedItems) {
    const items = value as readonly GoValue[]
    for (const index of unevaluated.indexes) {
      const part = { value: items[index], name: String(index) }
      report(frame, applyToPart(frame, array.unevaluatedItems, part))
    }
    unevaluated.indexes.clear()
  }
}
