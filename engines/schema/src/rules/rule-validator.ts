import {
  CelCostError,
  CelError,
  type CelValue,
  OptionalValue,
  type Program,
  type Variables,
} from '@sluice/cel'
import {
  childPath,
  duplicate,
  type FieldError,
  forbidden,
  indexPath,
  invalid,
  keyPath,
  omitted,
  required,
} from '../errors/field-error.ts'
import { isObject, type StructuralSchema, type ValidationRule } from '../structural/structural-schema.ts'
import { type CompiledExpression, type CompiledRule, compileRules } from './compile-rules.ts'
import { Correlation, keyOf } from './correlation.ts'
import { declareType, withObjectMeta } from './decl-type.ts'
import { typedValue } from './typed-value.ts'

export type RuleOptions = {
  /** What all rules together may cost. */
  readonly costBudget?: number
  /** What one evaluation may cost. */
  readonly perCallLimit?: number
  /** Whether errors of parts that have not changed are only warned of. */
  readonly ratchet?: boolean
}

export type RuleResult = {
  readonly errors: readonly FieldError[]
  /** Errors that ratcheting has let pass. */
  readonly warnings: readonly string[]
  /** What is left of the budget; negative when it was used up and rules were left out. */
  readonly remainingBudget: number
}

/** Kubernetes' bounds at run time, for an object and for one evaluation. */
export const defaultCostBudget = 10_000_000
const defaultPerCallLimit = 1_000_000
const maxMessageBytes = 5 * 1024
const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run'

/** The rules of a schema, compiled when they are first run. */
export class RuleValidator {
  readonly #schema: StructuralSchema
  readonly #rules: readonly ValidationRule[]
  readonly #isResource: boolean
  readonly #properties: ReadonlyMap<string, RuleValidator>
  readonly #items: RuleValidator | undefined
  readonly #values: RuleValidator | undefined
  readonly #allOf: readonly RuleValidator[]
  #compiled: readonly CompiledRule[] | undefined

  /**
   * @param rules has the rules
   * @param schema describes the data; for rules within `allOf` it is the schema around
   */
  constructor(rules: StructuralSchema, schema: StructuralSchema, isResource: boolean) {
    this.#schema = schema
    this.#rules = rules.validations
    this.#isResource = isResource
    this.#items = rules.items && schema.items && nested(rules.items, schema.items)
    this.#values = rules.values && schema.values && nested(rules.values, schema.values)
    this.#properties = nestedProperties(rules, schema)
    this.#allOf = rules.rules.allOf
      .map((it) => new RuleValidator(it, schema, isResource))
      .filter((it) => !it.#isEmpty)
  }

  get #isEmpty(): boolean {
    return (
      this.#rules.length === 0 &&
      this.#properties.size === 0 &&
      !this.#items &&
      !this.#values &&
      this.#allOf.length === 0
    )
  }

  /** A validator, if there are rules for it. */
  static of(
    rules: StructuralSchema,
    schema: StructuralSchema,
    isResource: boolean,
  ): RuleValidator | undefined {
    const validator = new RuleValidator(rules, schema, isResource)
    return validator.#isEmpty ? undefined : validator
  }

  /** Runs the rules on a value and all that is in it. `old` is the value before, if there was one. */
  validate(path: string, value: unknown, old: unknown, options: RuleOptions = {}): RuleResult {
    const run: Run = {
      errors: [],
      warnings: [],
      budget: options.costBudget ?? defaultCostBudget,
      perCallLimit: options.perCallLimit ?? defaultPerCallLimit,
      isRatcheting: options.ratchet === true,
    }
    const current = run.isRatcheting ? new Correlation(value, old, this.#schema) : undefined
    this.#validate(run, { path, value, old }, { current, parent: undefined })
    return { errors: run.errors, warnings: run.warnings, remainingBudget: run.budget }
  }

  #validate(run: Run, place: Place, correlation: Correlated): void {
    if (place.value === null || place.value === undefined) return
    this.#runRules(run, place, correlation)
    for (const validator of this.#allOf) {
      if (run.budget < 0) return
      validator.#validate(run, place, { current: undefined, parent: correlation.parent })
    }
    if (run.budget < 0) return
    if (Array.isArray(place.value)) this.#validateItems(run, place.value, place, correlation)
    else if (isObject(place.value)) this.#validateFields(run, place.value, place, correlation)
  }

  #validateItems(run: Run, value: readonly unknown[], { path, old }: Place, correlation: Correlated): void {
    if (!this.#items) return
    const lookup = oldItems(this.#schema, old)
    for (const [index, item] of value.entries()) {
      const place = { path: indexPath(path, index), value: item, old: lookup(item) }
      this.#items.#validate(
        run,
        place,
        below(correlation, (it) => it.item(index)),
      )
      if (run.budget < 0) return
    }
  }

  #validateFields(
    run: Run,
    value: Readonly<Record<string, unknown>>,
    { path, old }: Place,
    correlation: Correlated,
  ): void {
    const before = isObject(old) ? old : {}
    for (const name of Object.keys(value)) {
      const validator = this.#values ?? this.#properties.get(name)
      if (!validator) continue
      const fieldPath = this.#values ? keyPath(path, name) : childPath(path, name)
      const oldField = Object.hasOwn(before, name) ? before[name] : undefined
      const inner = fieldCorrelation(correlation, name)
      validator.#validate(run, { path: fieldPath, value: value[name], old: oldField }, inner)
      if (run.budget < 0) return
    }
  }

  #runRules(run: Run, place: Place, correlation: Correlated): void {
    if (this.#rules.length === 0) return
    const { type } = this.#schema
    const compiled = this.#compile()
    if (!compiled) {
      const detail =
        'rule compiler initialization error: failed to convert to declType for CEL validation rules'
      run.errors.push(invalid(place.path, type, detail))
      return
    }
    if (run.budget <= 0) {
      run.errors.push(invalid(place.path, type, outOfBudget))
      run.budget = -1
      return
    }
    const variables = this.#variables(place)
    for (const rule of compiled) {
      this.#runRule(run, place, rule, { variables, correlation })
      if (run.budget < 0) return
    }
  }

  #compile(): readonly CompiledRule[] | undefined {
    if (this.#compiled) return this.#compiled
    const declared = declareType(this.#schema, this.#isResource, 'selfType0')
    if (!declared) return undefined
    this.#compiled = compileRules(this.#rules, this.#schema, declared)
    return this.#compiled
  }

  #variables({ value, old }: Place): RuleVariables {
    const schema = this.#isResource ? withObjectMeta(this.#schema) : this.#schema
    const self = typedValue(value, schema)
    const oldSelf = old === null || old === undefined ? undefined : typedValue(old, schema)
    const optional = new OptionalValue(oldSelf)
    return {
      plain: (name) => (name === 'self' ? self : name === 'oldSelf' ? oldSelf : undefined),
      optional: (name) => (name === 'self' ? self : name === 'oldSelf' ? optional : undefined),
    }
  }

  #runRule(run: Run, place: Place, compiled: CompiledRule, context: RuleContext): void {
    const { rule, expression, problem, usesOldSelf } = compiled
    const { type } = this.#schema
    if (problem) {
      run.errors.push(invalid(place.path, type, `rule compile error: ${problem.detail}`))
      return
    }
    const isNew = place.old === null || place.old === undefined
    if (!expression || (usesOldSelf && isNew && !rule.optionalOldSelf)) return
    const variables = rule.optionalOldSelf ? context.variables.optional : context.variables.plain
    const result = evaluate(run, expression.program, variables)
    if (run.budget < 0) {
      run.errors.push(invalid(place.path, type, outOfBudget))
      return
    }
    if (result instanceof CelError) {
      run.errors.push(invalid(place.path, type, describeFailure(result.message, rule)))
      if (result.message.startsWith(costExceeded)) run.budget = -1
      return
    }
    if (result !== true) this.#reportBroken(run, place, compiled, context)
  }

  #reportBroken(
    run: Run,
    place: Place,
    compiled: CompiledRule,
    { variables, correlation }: RuleContext,
  ): void {
    const { rule, message, usesOldSelf } = compiled
    const { type } = this.#schema
    const path = compiled.path === '' ? place.path : childPath(place.path, compiled.path)
    const add = (error: FieldError): void => {
      if (!usesOldSelf && run.isRatcheting && isUnchanged(correlation)) run.warnings.push(error.text)
      else run.errors.push(error)
    }
    const told = message ? tellMessage(run, message, rule, variables.plain) : undefined
    if (told && 'exhausted' in told) {
      add(invalid(path, type, told.exhausted))
      run.budget = -1
      return
    }
    const detail = told?.text ?? (rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`)
    const value = type === 'object' || type === 'array' ? omitted : place.value
    add(errorForReason(path, value, detail, rule.reason))
  }
}

/** The validator of a schema's rules; `undefined` when it has none. */
export function ruleValidator(schema: StructuralSchema, isResource: boolean): RuleValidator | undefined {
  return schema.hasRules ? RuleValidator.of(schema, schema, isResource) : undefined
}

function nested(rules: StructuralSchema, schema: StructuralSchema): RuleValidator | undefined {
  if (!mayHaveRules(rules)) return undefined
  return RuleValidator.of(rules, schema, schema.embeddedResource)
}

/** Rules stand in a schema, below it, or in one of those that `allOf` adds. */
function mayHaveRules(schema: StructuralSchema): boolean {
  return schema.hasRules || schema.rules.allOf.some(mayHaveRules)
}

function nestedProperties(
  rules: StructuralSchema,
  schema: StructuralSchema,
): ReadonlyMap<string, RuleValidator> {
  const out = new Map<string, RuleValidator>()
  for (const [name, property] of rules.properties) {
    const own = schema.properties.get(name)
    const validator = own && nested(property, own)
    // What expressions cannot see is left out of validation altogether.
    if (validator && own && declareType(own, own.embeddedResource, 'object')) out.set(name, validator)
  }
  return out
}

type Run = {
  readonly errors: FieldError[]
  readonly warnings: string[]
  budget: number
  readonly perCallLimit: number
  readonly isRatcheting: boolean
}
type Place = { readonly path: string; readonly value: unknown; readonly old: unknown }
type RuleVariables = { readonly plain: Variables; readonly optional: Variables }
type RuleContext = { readonly variables: RuleVariables; readonly correlation: Correlated }

/** The value and its counterpart, or where there is none, those of the nearest value around that has one. */
type Correlated = { readonly current: Correlation | undefined; readonly parent: Correlation | undefined }

function below(
  { current, parent }: Correlated,
  step: (correlation: Correlation) => Correlation | undefined,
): Correlated {
  return current ? { current: step(current), parent: current } : { current, parent }
}

function fieldCorrelation(correlation: Correlated, name: string): Correlated {
  const isHeader = name === 'apiVersion' || name === 'kind'
  if (correlation.current && !correlation.parent && isHeader) return { current: undefined, parent: undefined }
  return below(correlation, (it) => it.field(name))
}

function isUnchanged({ current, parent }: Correlated): boolean {
  return (current ?? parent)?.isSame === true
}

/** Finds the old item that a new one replaces, in lists that are maps. */
function oldItems(schema: StructuralSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema.listMapKeys
  if (schema.listType !== 'map' || keys.length === 0 || !Array.isArray(old)) return () => undefined
  const byKey = new Map<string, unknown>()
  for (const item of old) {
    const key = keyOf(item, keys)
    if (key !== undefined && !byKey.has(key)) byKey.set(key, item)
  }
  return (item) => {
    const key = keyOf(item, keys)
    return key === undefined ? undefined : byKey.get(key)
  }
}

const costExceeded = 'operation cancelled: actual cost limit exceeded'

/** Evaluates and pays for it; the budget is negative afterwards when it did not suffice. */
function evaluate(run: Run, program: Program, variables: Variables): CelValue {
  let value: CelValue
  let cost: number
  try {
    const result = program.run(variables, { costLimit: run.perCallLimit })
    value = result.value
    cost = result.cost
  } catch (error) {
    if (!(error instanceof CelCostError)) throw error
    value = new CelError(error.message)
    cost = error.cost
  }
  run.budget = cost > run.budget ? -1 : run.budget - cost
  return value
}

function describeFailure(message: string, rule: ValidationRule): string {
  const shown = (rule.message || rule.rule).trim()
  if (message.startsWith('no such overload')) {
    const reason = 'call arguments did not match a supported operator, function or macro signature'
    return `'${message}': ${reason} for rule: ${shown}`
  }
  if (message.startsWith(costExceeded)) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`
  }
  return `${message} evaluating rule: ${shown}`
}

/** The text of a message expression; `undefined` where it gives none that can be used. */
function tellMessage(
  run: Run,
  message: CompiledExpression,
  { messageExpression = '' }: ValidationRule,
  variables: Variables,
): { readonly text: string } | { readonly exhausted: string } | undefined {
  const before = run.budget
  const value = evaluate(run, message.program, variables)
  if (run.budget < 0) {
    return {
      exhausted:
        'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run',
    }
  }
  if (value instanceof CelError && value.message.startsWith(costExceeded)) {
    run.budget = before
    const quoted = JSON.stringify(messageExpression)
    return {
      exhausted: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${quoted}`,
    }
  }
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  const isUsable =
    text !== '' && !text.includes('\n') && new TextEncoder().encode(text).length <= maxMessageBytes
  return isUsable ? { text } : undefined
}

function errorForReason(
  path: string,
  value: unknown,
  detail: string,
  reason: string | undefined,
): FieldError {
  if (reason === 'FieldValueForbidden') return forbidden(path, detail)
  if (reason === 'FieldValueRequired') return required(path, detail)
  return reason === 'FieldValueDuplicate' ? duplicate(path, value) : invalid(path, value, detail)
}
