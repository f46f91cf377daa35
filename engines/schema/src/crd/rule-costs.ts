import { estimateCost, maxSize, Range, type SizeOfPath } from '@sluice/cel'
import type { JsonObject } from '@sluice/ports'
import type { CompiledExpression, CompiledRule } from '../rules/compile-rules.ts'
import type { DeclType } from '../rules/decl-type.ts'

/** What one rule may cost at most, as often as it may run on an object. */
export const ruleCostLimit = 10_000_000n
/** What all rules of a version may cost at most. */
export const totalCostLimit = 100_000_000n
const maxRequestBytes = 3 * 1024 * 1024

type RuleCost = { readonly path: string; readonly cost: bigint }

/** Sums up the costs of all rules and remembers the most expensive. */
export class TotalCost {
  total = 0n
  #expensive: readonly RuleCost[] = []

  /** At most four; those that take less than a hundredth of the limit do not count. */
  get mostExpensive(): readonly RuleCost[] {
    return this.#expensive
  }

  add(path: string, cost: bigint): void {
    this.total = atMost(this.total + cost)
    if (cost < totalCostLimit / 100n) return
    const all = [...this.#expensive, { path, cost }]
    this.#expensive = all.toSorted((a, b) => (a.cost > b.cost ? -1 : a.cost < b.cost ? 1 : 0)).slice(0, 4)
  }
}

/** How often data of a schema may be there in one object; `undefined` where nothing bounds it. */
export type Cardinality = bigint | undefined

/** The cardinality of what is within a schema. */
export function cardinalityWithin(cardinality: Cardinality, schema: JsonObject): Cardinality {
  const factor = maxElements(schema)
  return cardinality === undefined || factor === undefined ? undefined : atMost(cardinality * factor)
}

function maxElements(schema: JsonObject): Cardinality {
  if (schema['type'] === 'array') return bound(schema['maxItems'])
  if (schema['type'] !== 'object') return 1n
  const { additionalProperties } = schema
  return additionalProperties === undefined || additionalProperties === null
    ? 1n
    : bound(schema['maxProperties'])
}

function bound(value: unknown): Cardinality {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  return value < 0 ? 0n : BigInt(value)
}

/** The most that running an expression of a rule once may cost. */
export function expressionCost(
  { environment }: CompiledRule,
  expression: CompiledExpression | undefined,
  declared: DeclType,
): bigint {
  return expression ? estimateCost(environment, expression.checked, sizeWithin(declared)).max : 0n
}

/** The most that a rule may cost in one object. Without bounds, an object full of the smallest data is assumed. */
export function costInObject(cost: bigint, cardinality: Cardinality, { minSize }: DeclType): bigint {
  return atMost(cost * (cardinality ?? BigInt(Math.floor(maxRequestBytes / (minSize + 1)))))
}

/** Sizes by the bounds of a declared type; the variable at the start of a path is always of that type. */
function sizeWithin(declared: DeclType): SizeOfPath {
  return (path) => {
    let type: DeclType | undefined = declared
    for (const step of path.slice(1)) {
      if (step === '@items' || step === '@values') type = type.element
      else type = step === '@keys' ? type.key : type.fields?.get(step)
      if (!type) return undefined
    }
    return new Range(0n, BigInt(type.maxElements))
  }
}

/** Says by how much a cost exceeds a limit. */
export function describeExcess(subject: string, cost: bigint, limit: bigint): string {
  const factor = Number(cost) / Number(limit)
  let shown = `${factor.toFixed(1)}x`
  if (factor > 100) shown = 'more than 100x'
  else if (factor < 1.5) shown = `${factor.toFixed(6)}x`
  const hint =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
  return `${subject} exceeds budget by factor of ${shown} ${hint}`
}

function atMost(value: bigint): bigint {
  return value < maxSize ? value : maxSize
}
