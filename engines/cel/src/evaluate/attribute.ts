import { CelError, type CelValue, none, noSuchOverload, OptionalValue } from '../values/value.ts'
import { type Evaluate, type Frame, spend } from './frame.ts'
import { invalidKey, isKey, lookUp, missing } from './qualify.ts'

/** A step from a value to what is in it. */
export type Qualifier = {
  /** The key where it is constant. */
  readonly constant: CelValue | undefined
  /** Computes the key where it is not. */
  readonly key: Evaluate | undefined
  /** What the step costs beyond its key. */
  readonly isOptional: boolean
  /** Whether this asks for presence only, as in `has()`. */
  readonly isTest: boolean
}

/**
 * A path: where it begins and the steps from there. Paths are evaluated as a whole, since a missing part of an
 * optional path is no failure, and since costs are counted by path.
 */
export type Attribute =
  | { readonly kind: 'variable'; readonly root: Evaluate; readonly qualifiers: readonly Qualifier[] }
  /** The value of another expression. */
  | { readonly kind: 'relative'; readonly root: Evaluate; readonly qualifiers: readonly Qualifier[] }
  /** A name that may belong to a variable whose own name has dots; the longest that has a value counts. */
  | { readonly kind: 'maybe'; readonly name: string; readonly qualifiers: readonly Qualifier[] }
  | {
      readonly kind: 'conditional'
      readonly condition: Evaluate
      readonly yes: Attribute
      readonly no: Attribute
    }

export function addQualifier(attribute: Attribute, qualifier: Qualifier): Attribute {
  if (attribute.kind !== 'conditional') {
    return { ...attribute, qualifiers: [...attribute.qualifiers, qualifier] }
  }
  const yes = addQualifier(attribute.yes, qualifier)
  return { ...attribute, yes, no: addQualifier(attribute.no, qualifier) }
}

/** Computes a path; reading it costs one beyond its steps, choosing between two paths costs nothing. */
export function compileAttribute(attribute: Attribute): Evaluate {
  const resolve = resolver(attribute)
  if (attribute.kind === 'conditional') return resolve
  return (frame) => {
    const value = resolve(frame)
    spend(frame, 1)
    return value
  }
}

/** Computes whether a path leads somewhere. */
export function compileTest(attribute: Attribute, { isFree }: { readonly isFree: boolean }): Evaluate {
  const resolve = resolver(attribute)
  const cost = (attribute.kind === 'conditional' ? 0 : 1) - (isFree ? 1 : 0)
  return (frame) => {
    const value = resolve(frame)
    spend(frame, cost)
    return value instanceof OptionalValue ? value.value !== undefined : value
  }
}

/** Computes a path without the cost of reading it, for paths within paths. */
export function resolver(attribute: Attribute): Evaluate {
  switch (attribute.kind) {
    case 'variable':
    case 'relative':
      return withQualifiers(attribute.root, attribute.qualifiers)
    case 'maybe':
      return maybeResolver(attribute.name, attribute.qualifiers)
    case 'conditional': {
      const yes = resolver(attribute.yes)
      const no = resolver(attribute.no)
      const { condition } = attribute
      return (frame) => {
        const chosen = condition(frame)
        if (chosen === true) return yes(frame)
        if (chosen === false) return no(frame)
        return chosen instanceof CelError ? chosen : noSuchOverload
      }
    }
  }
}

function withQualifiers(root: Evaluate, qualifiers: readonly Qualifier[]): Evaluate {
  if (qualifiers.length === 0) return root
  const fields = constantFields(qualifiers)
  if (fields) return selectFields(root, fields)
  return (frame) => {
    const start = root(frame)
    return start instanceof CelError ? start : applyQualifiers(frame, start, qualifiers)
  }
}

/** The keys of steps that are all plain fields. */
function constantFields(qualifiers: readonly Qualifier[]): readonly string[] | undefined {
  const fields: string[] = []
  for (const { constant, isOptional, isTest } of qualifiers) {
    if (typeof constant !== 'string' || isOptional || isTest) return undefined
    fields.push(constant)
  }
  return fields
}

function selectFields(root: Evaluate, fields: readonly string[]): Evaluate {
  return (frame) => {
    let value = root(frame)
    if (value instanceof CelError) return value
    if (value instanceof OptionalValue) return applyQualifiers(frame, value, fields.map(fieldQualifier))
    for (const field of fields) {
      const next = lookUp(value, field)
      spend(frame, 1)
      if (next === undefined) return missing(value, field)
      if (next instanceof CelError) return next
      value = next
    }
    return value
  }
}

export function fieldQualifier(field: string): Qualifier {
  return { constant: field, key: undefined, isOptional: false, isTest: false }
}

function applyQualifiers(frame: Frame, start: CelValue, qualifiers: readonly Qualifier[]): CelValue {
  let isOptional = start instanceof OptionalValue
  let value = start
  if (start instanceof OptionalValue) {
    if (start.value === undefined) return start
    value = start.value
  }
  for (const qualifier of qualifiers) {
    isOptional ||= qualifier.isOptional
    const next = applyQualifier(frame, value, qualifier, isOptional)
    if (next === undefined) return none
    if (next instanceof CelError) return next
    value = next
  }
  return isOptional ? new OptionalValue(value) : value
}

/** Takes one step; on an optional path `undefined` tells that there is nothing. */
function applyQualifier(
  frame: Frame,
  value: CelValue,
  qualifier: Qualifier,
  isOptional: boolean,
): CelValue | undefined {
  const key = qualifier.constant === undefined ? qualifier.key?.(frame) : qualifier.constant
  if (key === undefined || key instanceof CelError) return count(frame, key ?? null)
  if (!isKey(key)) return count(frame, invalidKey(key))
  const found = lookUp(value, key)
  if (found instanceof CelError) return count(frame, found)
  if (qualifier.isTest && !isOptional) return count(frame, found !== undefined)
  if (found === undefined) {
    if (!isOptional) return count(frame, missing(value, key))
    if (qualifier.isTest) spend(frame, 1)
    return undefined
  }
  return count(frame, found)
}

function count(frame: Frame, value: CelValue): CelValue {
  spend(frame, 1)
  return value
}

/** Tries the names `a.b.c`, `a.b` and `a`, each with the steps that are left. */
function maybeResolver(name: string, qualifiers: readonly Qualifier[]): Evaluate {
  const candidates: { readonly name: string; readonly rest: readonly Qualifier[] }[] = [
    { name, rest: qualifiers },
  ]
  let longest = name
  for (const [index, { constant, isTest }] of qualifiers.entries()) {
    if (typeof constant !== 'string' || isTest) break
    longest += `.${constant}`
    candidates.unshift({ name: longest, rest: qualifiers.slice(index + 1) })
  }
  const failure = new CelError(`no such attribute(s): ${longest}`)
  return (frame) => {
    for (const candidate of candidates) {
      const value = frame.variable(candidate.name)
      if (value === undefined) continue
      if (value instanceof CelError || candidate.rest.length === 0) return value
      return applyQualifiers(frame, value, candidate.rest)
    }
    return failure
  }
}
