import type { CheckedExpression } from '../check/checked.ts'
import type { CostTracker } from '../cost/cost-tracker.ts'
import type { Environment } from '../environment/environment.ts'
import {
  type Call,
  type Comprehension,
  type Expression,
  type Ident,
  type ListLiteral,
  type MapLiteral,
  operators,
  type Select,
} from '../syntax/expression.ts'
import { CelError } from '../values/value.ts'
import {
  type Attribute,
  addQualifier,
  compileAttribute,
  compileTest,
  type Qualifier,
  resolver,
} from './attribute.ts'
import { planCall, type ResolvedCall } from './call.ts'
import { gatherShape, listCost, planFold, planGather } from './fold.ts'
import { CelProgramError, type Evaluate } from './frame.ts'
import { planList, planMap } from './literal.ts'
import { planLogic } from './logic.ts'
import { attributeOf, constantNode, type PlanNode } from './node.ts'
import { invalidKey, isKey } from './qualify.ts'

/** A variable of a macro: its slot, and for accumulators how the first value is computed. */
export type LocalVariable = { readonly slot: number; readonly initial: Evaluate | undefined }

/** Compiles an expression to closures. */
export class Planner {
  readonly environment: Environment
  readonly costs: CostTracker
  readonly #checked: CheckedExpression | undefined
  readonly #locals: Map<string, LocalVariable[]> = new Map()
  #slotCount = 0

  constructor(environment: Environment, costs: CostTracker, checked: CheckedExpression | undefined) {
    this.environment = environment
    this.costs = costs
    this.#checked = checked
  }

  /** How many slots the expression's macros need. */
  get slotCount(): number {
    return this.#slotCount
  }

  get foldsConstants(): boolean {
    return this.environment.options.foldConstants === true
  }

  plan(expression: Expression): PlanNode {
    switch (expression.kind) {
      case 'literal':
        return constantNode(expression.value)
      case 'ident':
        return this.#planIdent(expression)
      case 'select':
        return this.#planSelect(expression)
      case 'call':
        return this.#planCall(expression)
      case 'list':
        return this.#planList(expression)
      case 'map':
        return this.#planMap(expression)
      case 'comprehension':
        return this.#planComprehension(expression)
      case 'message':
        throw new CelProgramError(`unknown type: ${expression.typeName.replace(/^\./, '')}`)
      case 'broken':
        throw new CelProgramError('unspecified expression')
    }
  }

  #planIdent({ id, name }: Ident): PlanNode {
    const reference = this.#checked?.references.get(id)
    if (reference?.kind === 'name') return this.#planName(reference.name, reference.isGlobal)
    const local = name.startsWith('.') ? undefined : this.#locals.get(name)?.at(-1)
    if (local) return this.#planLocal(local)
    const bare = name.replace(/^\./, '')
    const type = this.environment.typeValues.get(bare)
    if (type) return constantNode(type)
    return attributeNode({ kind: 'maybe', name: bare, qualifiers: [] })
  }

  #planName(name: string, isGlobal: boolean): PlanNode {
    const local = isGlobal ? undefined : this.#locals.get(name)?.at(-1)
    if (local) return this.#planLocal(local)
    const type = this.environment.options.variables?.has(name)
      ? undefined
      : this.environment.typeValues.get(name)
    if (type) return constantNode(type)
    const failure = new CelError(`no such attribute(s): ${name}`)
    const root: Evaluate = (frame) => {
      const value = frame.variable(name)
      return value === undefined ? failure : value
    }
    return attributeNode({ kind: 'variable', root, qualifiers: [] })
  }

  #planLocal({ slot, initial }: LocalVariable): PlanNode {
    const root: Evaluate = initial
      ? (frame) => {
          const known = frame.slots[slot]
          if (known !== undefined) return known
          const value = initial(frame)
          frame.slots[slot] = value
          return value
        }
      : (frame) => frame.slots[slot] ?? null
    return attributeNode({ kind: 'variable', root, qualifiers: [] })
  }

  #planSelect(select: Select): PlanNode {
    const reference = this.#checked?.references.get(select.id)
    if (reference?.kind === 'name') return this.#planName(reference.name, reference.isGlobal)
    if (!this.#checked && !select.isTest) {
      const type = this.#typeNamed(select)
      if (type) return type
    }
    const { isTest, field } = select
    const operand = this.plan(select.operand)
    const qualifier: Qualifier = { constant: field, key: undefined, isOptional: false, isTest }
    const attribute = addQualifier(attributeOf(operand), qualifier)
    if (!isTest) return attributeNode(attribute)
    const isFree = this.environment.options.presenceTestCosts === false
    return { evaluate: compileTest(attribute, { isFree }) }
  }

  /** `google.protobuf.Timestamp` and the like in expressions that were not checked. */
  #typeNamed(select: Select): PlanNode | undefined {
    const name = nameOf(select)
    const type = name === undefined ? undefined : this.environment.typeValues.get(name)
    return type && constantNode(type)
  }

  #planCall(call: Call): PlanNode {
    const resolved = this.#resolveCall(call)
    const args = [...(resolved.target ? [resolved.target] : []), ...call.args].map((arg) => this.plan(arg))
    switch (resolved.name) {
      case operators.and:
      case operators.or:
        return { evaluate: planLogic(resolved.name === operators.and, args) }
      case operators.conditional:
        return this.#planConditional(args)
      case operators.index:
        return this.#planIndex(args, false)
      case operators.optionalIndex:
      case operators.optionalSelect:
        return this.#planIndex(args, true)
      default:
        return planCall(this, { ...resolved, id: call.id }, args)
    }
  }

  /** Which function a call means, and whether its target is an argument. */
  #resolveCall({ id, name, target }: Call): ResolvedCall {
    const reference = this.#checked?.references.get(id)
    if (reference?.kind === 'function') {
      const [only, ...others] = reference.overloads
      return {
        name: reference.name,
        target: reference.isQualified ? undefined : target,
        overload: others.length === 0 ? only : undefined,
      }
    }
    const bare = name.replace(/^\./, '')
    if (!target) return { name: bare, target: undefined, overload: undefined }
    const prefix = nameOf(target)
    const qualified = prefix === undefined ? undefined : `${prefix}.${name}`
    if (qualified !== undefined && this.environment.functions.has(qualified)) {
      return { name: qualified, target: undefined, overload: undefined }
    }
    return { name: bare, target, overload: undefined }
  }

  #planConditional([condition, yes, no]: readonly PlanNode[]): PlanNode {
    if (!condition || !yes || !no) throw new CelProgramError('no such overload: _?_:_(...)')
    return attributeNode({
      kind: 'conditional',
      condition: condition.evaluate,
      yes: attributeOf(yes),
      no: attributeOf(no),
    })
  }

  #planIndex([operand, index]: readonly PlanNode[], isOptional: boolean): PlanNode {
    if (!operand || !index) throw new CelProgramError('no such overload: _[_](...)')
    const { constant } = index
    if (constant !== undefined && !isKey(constant)) throw new CelProgramError(invalidKey(constant).message)
    const qualifier: Qualifier = {
      constant,
      // The value of another path is read as part of this one, which costs less than reading it alone.
      key:
        constant === undefined ? (index.attribute ? resolver(index.attribute) : index.evaluate) : undefined,
      isOptional,
      isTest: false,
    }
    return attributeNode(addQualifier(attributeOf(operand), qualifier))
  }

  #planList({ elements, optionals }: ListLiteral): PlanNode {
    const nodes = elements.map((element) => this.plan(element))
    return planList(nodes, optionals, this.foldsConstants)
  }

  #planMap({ entries }: MapLiteral): PlanNode {
    const nodes = entries.map(({ key, value, isOptional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      isOptional,
    }))
    return planMap(nodes, this.foldsConstants)
  }

  #planComprehension(comprehension: Comprehension): PlanNode {
    const { variable, variable2 } = comprehension
    const initial = this.plan(comprehension.initial)
    const range = this.plan(comprehension.range).evaluate
    const accumulator = this.#push(comprehension.accumulator, initial.evaluate)
    const first = this.#push(variable, undefined)
    const second = variable2 === undefined ? undefined : this.#push(variable2, undefined)
    const slots = { accumulator, first, second }
    const shape = gatherShape(comprehension)
    let evaluate: Evaluate
    if (shape) {
      const filter = shape.filter && this.plan(shape.filter).evaluate
      const { foldsConstants } = this
      const initialCost = foldsConstants ? 0 : listCost
      evaluate = planGather({
        range,
        slots,
        filter,
        item: this.plan(shape.item),
        initialCost,
        foldsConstants,
      })
      this.#popIteration(comprehension)
    } else {
      const condition = this.plan(comprehension.condition)
      const step = this.plan(comprehension.step).evaluate
      this.#popIteration(comprehension)
      const result = this.plan(comprehension.result).evaluate
      evaluate = planFold({ range, slots, condition, step, result })
    }
    this.#pop(comprehension.accumulator)
    return { evaluate }
  }

  #popIteration({ variable, variable2 }: Comprehension): void {
    if (variable2 !== undefined) this.#pop(variable2)
    this.#pop(variable)
  }

  #push(name: string, initial: Evaluate | undefined): number {
    const slot = this.#slotCount++
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), { slot, initial }])
    return slot
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop()
  }
}

function attributeNode(attribute: Attribute): PlanNode {
  return { evaluate: compileAttribute(attribute), attribute }
}

/** `a.b.c` of plain names. */
function nameOf(expression: Expression): string | undefined {
  if (expression.kind === 'ident') return expression.name.replace(/^\./, '')
  if (expression.kind !== 'select' || expression.isTest) return undefined
  const operand = nameOf(expression.operand)
  return operand === undefined ? undefined : `${operand}.${expression.field}`
}
