import type { FunctionDeclaration, Overload } from '../environment/declarations.ts'
import {
  type Call,
  type Comprehension,
  type Expression,
  type ListLiteral,
  type MapLiteral,
  type MessageLiteral,
  operators,
  type Select,
} from '../syntax/expression.ts'
import type { IssueList } from '../syntax/source.ts'
import {
  boolType,
  CelType,
  describeCall,
  describeType,
  dynType,
  errorType,
  intType,
  isDyn,
  isDynOrError,
  isOptionalType,
  listType,
  mapType,
  optionalType,
  sameType,
  typeParameter,
  unwrapOptional,
} from '../types/cel-type.ts'
import { typeOf } from '../values/value.ts'
import { type CheckedExpression, qualifiedName, type Reference, type TypeProvider } from './checked.ts'
import { Scope } from './scope.ts'
import { mostGeneral, Substitution } from './substitution.ts'

export type CheckOptions = {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>
  /** Types of variables, and of type names. */
  readonly names: ReadonlyMap<string, CelType>
  readonly provider: TypeProvider
}

/** Finds the types of an expression and which function each call means; problems go to `issues`. */
export function checkExpression(
  expression: Expression,
  issues: IssueList,
  options: CheckOptions,
): CheckedExpression {
  const checker = new Checker(issues, options)
  checker.check(expression)
  return checker.finish(expression)
}

class Checker {
  readonly #issues: IssueList
  readonly #options: CheckOptions
  readonly #scope: Scope
  readonly #substitution: Substitution = new Substitution()
  readonly #types: Map<number, CelType> = new Map()
  readonly #references: Map<number, Reference> = new Map()
  #nextVariable = 0

  constructor(issues: IssueList, options: CheckOptions) {
    this.#issues = issues
    this.#options = options
    this.#scope = new Scope(options.names)
  }

  finish(expression: Expression): CheckedExpression {
    const types = new Map<number, CelType>()
    for (const [id, type] of this.#types) types.set(id, this.#substitution.apply(type, { freeToDyn: true }))
    return {
      expression,
      outType: types.get(expression.id) ?? errorType,
      types,
      references: this.#references,
    }
  }

  check(expression: Expression): void {
    switch (expression.kind) {
      case 'literal':
        return this.#setType(expression, typeOf(expression.value))
      case 'ident':
        return this.#checkIdent(expression, expression.name)
      case 'select':
        return this.#checkSelect(expression)
      case 'call':
        return this.#checkCall(expression)
      case 'list':
        return this.#checkList(expression)
      case 'map':
        return this.#checkMap(expression)
      case 'message':
        return this.#checkMessage(expression)
      case 'comprehension':
        return this.#checkComprehension(expression)
      case 'broken':
        return this.#setType(expression, errorType)
    }
  }

  #checkIdent(expression: Expression, name: string): void {
    const declared = this.#scope.find(name)
    if (!declared) {
      this.#undeclared(expression, name)
      this.#setType(expression, errorType)
      return
    }
    this.#setType(expression, declared.type)
    this.#references.set(expression.id, { kind: 'name', name: declared.name, isGlobal: declared.isGlobal })
  }

  #checkSelect(select: Select): void {
    const name = select.isTest ? undefined : qualifiedName(select)
    if (name !== undefined && !this.#scope.isLocal(name.slice(0, name.indexOf('.')))) {
      const declared = this.#scope.find(name)
      if (declared) {
        this.#setType(select, declared.type)
        this.#references.set(select.id, { kind: 'name', name: declared.name, isGlobal: declared.isGlobal })
        return
      }
    }
    const result = this.#selectField(select, select.operand, select.field)
    this.#setType(select, this.#resolve(select.isTest ? boolType : result))
  }

  #selectField(at: Expression, operand: Expression, field: string): CelType {
    this.check(operand)
    const operandType = this.#resolve(this.#typeOf(operand))
    const target = unwrapOptional(operandType)
    const result = this.#fieldType(at, target, field)
    return isOptionalType(operandType) ? optionalType(result) : result
  }

  #fieldType(at: Expression, target: CelType, field: string): CelType {
    if (target.kind === 'map') return target.parameters[1] ?? dynType
    if (target.kind === 'object') {
      const type = this.#options.provider.fieldType(target.name, field)
      if (!type) this.#report(at, `undefined field '${field}'`)
      return type ?? errorType
    }
    if (target.kind === 'param') this.#substitution.isAssignable(dynType, target)
    else if (!isDynOrError(target)) {
      this.#report(at, `type '${describeType(target)}' does not support field selection`)
    }
    return dynType
  }

  #checkCall(call: Call): void {
    if (call.name === operators.optionalSelect) return this.#checkOptionalSelect(call)
    for (const arg of call.args) this.check(arg)
    if (!call.target) return this.#checkGlobalCall(call, call.name.replace(/^\./, ''))
    const prefix = qualifiedName(call.target)
    const qualified = prefix === undefined ? undefined : `${prefix}.${call.name}`.replace(/^\./, '')
    const known = qualified === undefined ? undefined : this.#options.functions.get(qualified)
    if (known) return this.#resolveOverload(call, known, undefined)
    this.check(call.target)
    const declaration = this.#options.functions.get(call.name)
    if (declaration) return this.#resolveOverload(call, declaration, call.target)
    this.#setType(call, errorType)
    this.#undeclared(call, call.name)
  }

  #checkGlobalCall(call: Call, name: string): void {
    const declaration = this.#options.functions.get(name)
    if (declaration) return this.#resolveOverload(call, declaration, undefined)
    this.#undeclared(call, call.name)
    this.#setType(call, errorType)
  }

  #checkOptionalSelect(call: Call): void {
    const [operand, field] = call.args
    if (!operand || field?.kind !== 'literal' || typeof field.value !== 'string') return
    const result = this.#selectField(call, operand, field.value)
    const type = isOptionalType(result) ? result : optionalType(result)
    this.#setType(call, this.#resolve(type))
    const reference = { kind: 'function', name: call.name, overloads: ['select_optional_field'] } as const
    this.#references.set(call.id, { ...reference, isQualified: false })
  }

  #resolveOverload(call: Call, declaration: FunctionDeclaration, target: Expression | undefined): void {
    if (declaration.name === operators.and || declaration.name === operators.or) {
      return this.#checkLogic(call, declaration)
    }
    const argumentTypes = [...(target ? [target] : []), ...call.args].map((arg) => this.#typeOf(arg))
    const overloads: string[] = []
    let result: CelType | undefined
    for (const overload of declaration.overloads) {
      if (overload.isMember !== (target !== undefined)) continue
      const { parameters, result: declaredResult } = this.#instantiate(overload)
      if (!this.#substitution.areAssignable(argumentTypes, parameters)) continue
      overloads.push(overload.id)
      const candidate = this.#resolve(declaredResult)
      if (!result) result = candidate
      else if (!isDyn(result) && !sameType(candidate, result)) result = dynType
    }
    if (!result) return this.#noOverload(call, declaration.name, argumentTypes, target !== undefined)
    this.#setType(call, result)
    this.#setFunction(call, declaration, overloads, call.target !== undefined && target === undefined)
  }

  #setFunction(call: Call, { name }: FunctionDeclaration, overloads: string[], isQualified: boolean): void {
    this.#references.set(call.id, { kind: 'function', name, overloads, isQualified })
  }

  #noOverload(call: Call, name: string, argumentTypes: readonly CelType[], isMember: boolean): void {
    const shown = argumentTypes.map((type) => this.#substitution.apply(type, { freeToDyn: true }))
    this.#report(
      call,
      `found no matching overload for '${name}' applied to '${describeCall(shown, isMember)}'`,
    )
    this.#setType(call, errorType)
  }

  #checkLogic(call: Call, declaration: FunctionDeclaration): void {
    let isValid = true
    for (const arg of call.args) {
      const type = this.#typeOf(arg)
      if (this.#substitution.isAssignable(type, boolType)) continue
      this.#mismatch(arg, boolType, type)
      isValid = false
    }
    this.#setType(call, isValid ? boolType : errorType)
    const ids = declaration.overloads.map(({ id }) => id)
    if (isValid) this.#setFunction(call, declaration, ids, false)
  }

  /** A signature with type variables of its own. */
  #instantiate(overload: Overload): { readonly parameters: readonly CelType[]; readonly result: CelType } {
    const fresh = new Map<string, CelType>()
    const replace = (type: CelType): CelType => {
      if (type.kind === 'param') {
        const known = fresh.get(type.name) ?? this.#newVariable()
        fresh.set(type.name, known)
        return known
      }
      if (type.parameters.length === 0) return type
      return new CelType(type.kind, type.name, type.parameters.map(replace))
    }
    return { parameters: overload.parameters.map(replace), result: replace(overload.result) }
  }

  #checkList(list: ListLiteral): void {
    let elements: CelType | undefined
    list.elements.forEach((element, index) => {
      this.check(element)
      const type = this.#elementType(element, list.optionals.has(index))
      elements = this.#join(elements, type)
    })
    this.#setType(list, listType(elements ?? this.#newVariable()))
  }

  /** The type that an entry of a literal adds; an entry marked optional must be one. */
  #elementType(element: Expression, isOptional: boolean): CelType {
    const type = this.#typeOf(element)
    if (!isOptional) return type
    const inner = unwrapOptional(type)
    if (!isOptionalType(type) && !isDyn(type)) this.#mismatch(element, optionalType(inner), type)
    return inner
  }

  #checkMap(map: MapLiteral): void {
    let keys: CelType | undefined
    let values: CelType | undefined
    for (const { key, value, isOptional } of map.entries) {
      this.check(key)
      keys = this.#join(keys, this.#typeOf(key))
      this.check(value)
      values = this.#join(values, this.#elementType(value, isOptional))
    }
    this.#setType(map, mapType(keys ?? this.#newVariable(), values ?? this.#newVariable()))
  }

  #checkMessage(message: MessageLiteral): void {
    const name = message.typeName.replace(/^\./, '')
    const declared = this.#options.names.get(name)
    const isObject = this.#options.provider.hasType(name)
    const type = isObject ? new CelType('object', name) : errorType
    if (!isObject && declared?.kind !== 'type') this.#undeclared(message, message.typeName)
    else if (!isObject) this.#report(message, `'${name}' is not a message type`)
    this.#setType(message, type)
    if (!isObject && declared?.kind !== 'type') return
    for (const field of message.fields) {
      this.check(field.value)
      const wanted = isObject ? this.#options.provider.fieldType(name, field.name) : undefined
      if (isObject && !wanted) this.#issues.report(field.offset, `undefined field '${field.name}'`)
      const given = this.#elementType(field.value, field.isOptional)
      if (!wanted || this.#substitution.isAssignable(wanted, given)) continue
      const types = `'${describeType(wanted)}' but provided type is '${describeType(given)}'`
      this.#issues.report(field.offset, `expected type of field '${field.name}' is ${types}`)
    }
  }

  #checkComprehension(comprehension: Comprehension): void {
    const { range, initial, condition, step, result } = comprehension
    this.check(range)
    this.check(initial)
    const accumulator = this.#typeOf(initial)
    const { first, second } = this.#iterationTypes(range, comprehension.variable2 !== undefined)
    this.#scope.enter()
    this.#scope.add(comprehension.accumulator, accumulator)
    this.#scope.enter()
    this.#scope.add(comprehension.variable, first)
    if (comprehension.variable2 !== undefined) this.#scope.add(comprehension.variable2, second)
    this.check(condition)
    this.#assertType(condition, boolType)
    this.check(step)
    this.#assertType(step, accumulator)
    this.#scope.leave()
    this.check(result)
    this.#scope.leave()
    this.#setType(comprehension, this.#resolve(this.#typeOf(result)))
  }

  /** Types of the variables of a comprehension; with two, the first is the index or key. */
  #iterationTypes(range: Expression, hasTwo: boolean): { readonly first: CelType; readonly second: CelType } {
    const type = this.#resolve(this.#typeOf(range))
    const [parameter = dynType, value = dynType] = type.parameters
    if (type.kind === 'map') return { first: parameter, second: value }
    if (type.kind === 'list') {
      return hasTwo ? { first: intType, second: parameter } : { first: parameter, second: dynType }
    }
    if (type.kind === 'param' || isDynOrError(type)) {
      this.#substitution.isAssignable(dynType, type)
      return { first: dynType, second: dynType }
    }
    const rule = 'cannot be range of a comprehension (must be list, map, or dynamic)'
    this.#report(range, `expression of type '${describeType(type)}' ${rule}`)
    return { first: errorType, second: errorType }
  }

  #join(before: CelType | undefined, type: CelType): CelType {
    if (!before) return type
    if (this.#substitution.isAssignable(before, type)) return mostGeneral(before, type)
    return dynType
  }

  #assertType(expression: Expression, wanted: CelType): void {
    const type = this.#typeOf(expression)
    if (!this.#substitution.isAssignable(wanted, type)) this.#mismatch(expression, wanted, type)
  }

  #mismatch(at: Expression, wanted: CelType, given: CelType): void {
    this.#report(at, `expected type '${describeType(wanted)}' but found '${describeType(given)}'`)
  }

  #undeclared(at: Expression, name: string): void {
    this.#report(at, `undeclared reference to '${name}' (in container '')`)
  }

  #report({ offset }: Expression, message: string): void {
    this.#issues.report(offset, message)
  }

  #newVariable(): CelType {
    return typeParameter(`_var${this.#nextVariable++}`)
  }

  #resolve(type: CelType): CelType {
    return this.#substitution.apply(type, { freeToDyn: false })
  }

  #typeOf({ id }: Expression): CelType {
    return this.#types.get(id) ?? dynType
  }

  #setType({ id }: Expression, type: CelType): void {
    this.#types.set(id, type)
  }
}
