import type { CelValue } from '../values/value.ts'
import type { Attribute } from './attribute.ts'
import type { Evaluate } from './frame.ts'

/** A planned part of an expression. */
export type PlanNode = {
  readonly evaluate: Evaluate
  /** Set for constants. */
  readonly constant?: CelValue
  /** Set for paths, which longer paths extend. */
  readonly attribute?: Attribute
}

export function constantNode(constant: CelValue): PlanNode {
  return { evaluate: () => constant, constant }
}

/** The path of a node: its own, or one that begins with its value. */
export function attributeOf(node: PlanNode): Attribute {
  return node.attribute ?? { kind: 'relative', root: node.evaluate, qualifiers: [] }
}
