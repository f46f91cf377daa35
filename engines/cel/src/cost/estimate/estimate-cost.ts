import type { CheckedExpression } from '../../check/checked.ts'
import type { Environment } from '../../environment/environment.ts'
import type { Call, Comprehension, Expression } from '../../syntax/expression.ts'
import { type CelType, dynType, isOptionalType, type TypeKind, unwrapOptional } from '../../types/cel-type.ts'
import type { CallEstimate, CallRule, EstimatedCall, EstimatedNode } from './call-estimate.ts'
import { extensionEstimates } from './extension-estimates.ts'
import { kubernetesEstimates } from './kubernetes-estimates.ts'
import { fixed, inverted, nothing, one, Range, unknownSize } from './range.ts'
import { standardEstimate } from './standard-estimates.ts'

/**
 * The size of data at a path: a variable, then fields, `@items`, `@keys` and `@values`; `undefined` if unknown.
 * Sizes count characters, bytes, items or entries.
 */
export type SizeOfPath = (path: readonly string[]) => Range | undefined

const listCost = fixed(10)
const mapCost = fixed(30)
const messageCost = fixed(40)
const scalars: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'bool',
  'double',
  'duration',
  'int',
  'timestamp',
  'uint',
])
const selectable: ReadonlySet<TypeKind> = new Set<TypeKind>(['map', 'object', 'param'])
const accumulators: ReadonlySet<string> = new Set(['@result', '__result__'])

/**
 * Bounds for what an expression costs, whatever the data.
 *
 * Source: https://pkg.go.dev/github.com/google/cel-go/checker#Cost
 */
export function estimateCost(
  environment: Environment,
  checked: CheckedExpression,
  sizeOfPath: SizeOfPath = () => undefined,
): Range {
  return new Estimator(environment, checked, sizeOfPath).estimate(checked.expression)
}

/** Sizes of what is in a list or a map. */
type Entries = { readonly kind: 'list' | 'map'; readonly key: Range; readonly value: Range }
type Local = {
  readonly path: readonly string[]
  readonly size: Range | undefined
  readonly entries: Entries | undefined
}

class Estimator {
  readonly #checked: CheckedExpression
  readonly #sizeOfPath: SizeOfPath
  readonly #rules: readonly CallRule[]
  readonly #testCost: Range
  readonly #paths = new Map<number, readonly string[]>()
  readonly #sizes = new Map<number, Range>()
  readonly #entries = new Map<number, Entries>()
  readonly #locals = new Map<string, Local[]>()

  constructor({ options }: Environment, checked: CheckedExpression, sizeOfPath: SizeOfPath) {
    this.#checked = checked
    this.#sizeOfPath = sizeOfPath
    const { costModel = 'none' } = options
    if (costModel === 'none') this.#rules = []
    else {
      this.#rules =
        costModel === 'kubernetes' ? [extensionEstimates, kubernetesEstimates] : [extensionEstimates]
    }
    this.#testCost = options.presenceTestCosts === true ? one : nothing
  }

  estimate(expression: Expression): Range {
    const reference = this.#checked.references.get(expression.id)
    if (reference?.kind === 'name' && expression.kind !== 'literal') {
      return this.#estimateName(expression, reference.name)
    }
    switch (expression.kind) {
      case 'literal':
      case 'broken':
        return nothing
      case 'ident':
        return this.#estimateName(expression, expression.name)
      case 'select':
        return this.#estimateSelect(expression)
      case 'call':
        return this.#estimateCall(expression)
      case 'list':
        return this.#estimateList(expression)
      case 'map':
        return this.#estimateMap(expression)
      case 'message':
        return expression.fields.reduce((cost, { value }) => cost.plus(this.estimate(value)), messageCost)
      case 'comprehension':
        return isBinding(expression) ? this.#estimateBinding(expression) : this.#estimateLoop(expression)
    }
  }

  #estimateName({ id }: Expression, name: string): Range {
    this.#paths.set(id, this.#local(name)?.path ?? [name])
    return one
  }

  #estimateSelect(select: Expression & { readonly kind: 'select' }): Range {
    const { operand, field, isTest } = select
    if (isTest) return this.#testCost.plus(this.estimate(operand))
    const cost = this.estimate(operand)
    const type = this.#typeOf(operand)
    this.#paths.set(select.id, [...this.#pathOf(operand), field])
    return selectable.has(type.kind) ? cost.plus(one) : cost
  }

  #estimateCall(call: Call): Range {
    if (call.name === 'dyn' && call.args[0]) {
      const cost = this.estimate(call.args[0])
      this.#copySizes(call, call.args[0])
      return cost.plus(one)
    }
    const args: EstimatedNode[] = []
    const costs: Range[] = []
    for (const argument of call.args) {
      costs.push(this.estimate(argument))
      args.push(this.#describe(argument))
    }
    const reference = this.#checked.references.get(call.id)
    if (reference?.kind !== 'function' || reference.overloads.length === 0) return nothing
    const isMember = call.target !== undefined && !reference.isQualified
    const before = isMember && call.target ? this.estimate(call.target) : nothing
    const target = isMember && call.target ? this.#describe(call.target) : undefined
    let cost = inverted
    let size: Range | undefined
    for (const overload of reference.overloads) {
      const node = {
        name: reference.name,
        overload,
        target,
        args,
        sizeOf: (it: EstimatedNode) => this.#given(it),
      }
      const estimate = this.#estimateOverload(call, node, costs)
      cost = cost.union(estimate.cost)
      if (estimate.resultSize) size = size ? size.union(estimate.resultSize) : estimate.resultSize
      size = this.#followIndex(call, overload, size) ?? this.#sizeOf(call)
    }
    if (size) this.#sizes.set(call.id, size)
    return before.plus(cost)
  }

  /** Remembers where an item comes from, and its size if it is known. */
  #followIndex(call: Call, overload: string, size: Range | undefined): Range | undefined {
    const [container] = call.args
    if (!container || (overload !== 'index_list' && overload !== 'index_map')) return size
    const step = overload === 'index_list' ? '@items' : '@values'
    this.#paths.set(call.id, [...this.#pathOf(container), step])
    return this.#entriesOf(container)?.value
  }

  #estimateOverload(call: Call, node: EstimatedCall, costs: readonly Range[]): CallEstimate {
    const sum = costs.reduce((a, b) => a.plus(b), nothing)
    for (const rule of this.#rules) {
      const found = rule(node)
      if (found) return { ...found, cost: found.cost.plus(sum) }
    }
    const [first = nothing, second = nothing, third = nothing] = costs
    // The right side may not be looked at.
    if (node.overload === 'logical_or' || node.overload === 'logical_and') {
      return { cost: new Range(first.min, sum.max) }
    }
    if (node.overload === 'conditional') {
      const size = this.#uniteBranches(call)
      return { cost: first.plus(second.union(third)), ...(size && { resultSize: size }) }
    }
    const { cost, resultSize } = standardEstimate({ ...node, sizeOf: ({ size }) => size ?? unknownSize })
    if (node.overload.startsWith('add_')) this.#uniteEntries(call, call.args[0], call.args[1])
    return { cost: cost.plus(sum), ...(resultSize && { resultSize }) }
  }

  #uniteBranches(call: Call): Range | undefined {
    const [, yes, no] = call.args
    if (!yes || !no) return undefined
    this.#uniteEntries(call, yes, no)
    return (this.#sizeOf(yes) ?? unknownSize).union(this.#sizeOf(no) ?? unknownSize)
  }

  #uniteEntries(call: Call, left: Expression | undefined, right: Expression | undefined): void {
    const a = left && this.#entriesOf(left)
    const b = right && this.#entriesOf(right)
    if (!a || !b) return
    this.#entries.set(call.id, { kind: a.kind, key: a.key.union(b.key), value: a.value.union(b.value) })
  }

  #estimateList({ id, elements }: Expression & { readonly kind: 'list' }): Range {
    let cost = listCost
    let value = elements.length === 0 ? nothing : inverted
    for (const element of elements) {
      cost = cost.plus(this.estimate(element))
      value = value.union(this.#sizeOf(element) ?? unknownSize)
    }
    this.#entries.set(id, { kind: 'list', key: one, value })
    return cost
  }

  #estimateMap({ id, entries }: Expression & { readonly kind: 'map' }): Range {
    let cost = mapCost
    let key = entries.length === 0 ? nothing : inverted
    let value = key
    for (const entry of entries) {
      cost = cost.plus(this.estimate(entry.key)).plus(this.estimate(entry.value))
      key = key.union(this.#sizeOf(entry.key) ?? unknownSize)
      value = value.union(this.#sizeOf(entry.value) ?? unknownSize)
    }
    this.#entries.set(id, { kind: 'map', key, value })
    return cost
  }

  #estimateLoop(loop: Comprehension): Range {
    let cost = this.estimate(loop.range).plus(this.estimate(loop.initial))
    this.#pushValueOf(loop.accumulator, loop.initial)
    if (loop.variable2 === undefined) this.#pushSingle(loop.variable, loop.range)
    else {
      this.#pushKey(loop.variable, loop.range)
      this.#pushValue(loop.variable2, loop.range)
    }
    const condition = this.estimate(loop.condition)
    const step = this.estimate(loop.step)
    this.#locals.get(loop.variable)?.pop()
    if (loop.variable2 !== undefined) this.#locals.get(loop.variable2)?.pop()
    cost = cost.plus(this.estimate(loop.result))
    this.#locals.get(loop.accumulator)?.pop()
    const count = this.#sizeOf(loop.range) ?? unknownSize
    if (loop.initial.kind === 'literal') {
      const size = this.#sizeOf(loop.initial)
      if (size) this.#sizes.set(loop.id, size)
    } else if (loop.initial.kind === 'list' || loop.initial.kind === 'map') {
      this.#sizes.set(loop.id, count)
      const entries = this.#entriesOf(loop.step)
      if (entries) this.#entries.set(loop.id, entries)
    }
    return cost.plus(count.times(step.plus(condition)))
  }

  #estimateBinding(binding: Comprehension): Range {
    const cost = this.estimate(binding.range).plus(this.estimate(binding.initial))
    this.#pushValueOf(binding.accumulator, binding.initial)
    const result = this.estimate(binding.result)
    this.#locals.get(binding.accumulator)?.pop()
    this.#copySizes(binding, binding.result)
    return cost.plus(result)
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name)
    if (stack) stack.push(local)
    else this.#locals.set(name, [local])
  }

  #pushValueOf(name: string, value: Expression): void {
    this.#push(name, {
      path: this.#pathOf(value),
      size: this.#sizeOf(value),
      entries: this.#entriesOf(value),
    })
  }

  /** The one variable of a loop: items of a list, keys of a map. */
  #pushSingle(name: string, range: Expression): void {
    const entries = this.#entriesOf(range)
    const isList = this.#containerOf(range) === 'list'
    const path = [...this.#pathOf(range), isList ? '@items' : '@keys']
    this.#push(name, { path, size: isList ? entries?.value : entries?.key, entries: undefined })
  }

  #pushKey(name: string, range: Expression): void {
    const step = this.#containerOf(range) === 'list' ? '@indices' : '@keys'
    const size = this.#entriesOf(range)?.key
    this.#push(name, { path: [...this.#pathOf(range), step], size, entries: undefined })
  }

  #pushValue(name: string, range: Expression): void {
    const step = this.#containerOf(range) === 'list' ? '@items' : '@values'
    const size = this.#entriesOf(range)?.value
    this.#push(name, { path: [...this.#pathOf(range), step], size, entries: undefined })
  }

  #containerOf(range: Expression): string {
    return this.#entriesOf(range)?.kind ?? this.#typeOf(range).kind
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1)
  }

  #typeOf({ id }: Expression): CelType {
    return this.#checked.types.get(id) ?? dynType
  }

  #pathOf(expression: Expression): readonly string[] {
    const local = expression.kind === 'ident' ? this.#local(expression.name) : undefined
    return local?.path ?? this.#paths.get(expression.id) ?? []
  }

  #describe(expression: Expression): EstimatedNode {
    const path = this.#pathOf(expression)
    return {
      path: accumulators.has(path[0] ?? '') ? [] : path,
      type: this.#typeOf(expression),
      expression,
      size: this.#sizeOf(expression),
    }
  }

  /** The size of an argument: what its expression tells, or else what is known of its data. */
  #given({ size, path }: EstimatedNode): Range {
    return size ?? (path.length > 0 ? this.#sizeOfPath(path) : undefined) ?? unknownSize
  }

  #sizeOf(expression: Expression): Range | undefined {
    const known = this.#sizes.get(expression.id) ?? literalSize(expression)
    if (known) return known
    const path = this.#pathOf(expression)
    const found = path.length > 0 ? this.#sizeOfPath(path) : undefined
    if (found) {
      this.#sizes.set(expression.id, found)
      return found
    }
    if (isScalar(this.#typeOf(expression))) return one
    return expression.kind === 'ident' ? this.#local(expression.name)?.size : undefined
  }

  #entriesOf(expression: Expression): Entries | undefined {
    const known = this.#entries.get(expression.id)
    if (known || expression.kind !== 'ident') return known
    return this.#local(expression.name)?.entries
  }

  #copySizes(to: Expression, from: Expression): void {
    const size = this.#sizeOf(from)
    if (size) this.#sizes.set(to.id, size)
    const entries = this.#entriesOf(from)
    if (entries) this.#entries.set(to.id, entries)
  }
}

/** What `cel.bind()` becomes: a loop over nothing. */
function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  return (
    range.kind === 'list' &&
    range.elements.length === 0 &&
    condition.kind === 'literal' &&
    condition.value === false &&
    accumulator !== '__result__'
  )
}

function literalSize(expression: Expression): Range | undefined {
  if (expression.kind === 'list') return fixed(expression.elements.length)
  if (expression.kind === 'map') return fixed(expression.entries.length)
  if (expression.kind !== 'literal') return undefined
  const { value } = expression
  if (typeof value === 'string') return fixed(Array.from(value).length)
  return value instanceof Uint8Array ? fixed(value.length) : one
}

function isScalar(type: CelType): boolean {
  return isOptionalType(type) ? isScalar(unwrapOptional(type)) : scalars.has(type.kind)
}
