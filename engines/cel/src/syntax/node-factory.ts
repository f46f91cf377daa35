import type { CelValue } from '../values/value.ts'
import type {
  Broken,
  Call,
  Comprehension,
  Expression,
  Ident,
  ListLiteral,
  Literal,
  MapEntry,
  MapLiteral,
  MessageField,
  MessageLiteral,
  NodeFields,
  Select,
} from './expression.ts'

const noOptionals: ReadonlySet<number> = new Set()

/** Makes nodes and numbers them. */
export class NodeFactory {
  #nextId = 1

  /** A number and a place for a node that is made later. */
  place(offset: number): NodeFields {
    return { id: this.#nextId++, offset }
  }

  literal(offset: number, value: CelValue): Literal {
    return { ...this.place(offset), kind: 'literal', value }
  }

  ident(offset: number, name: string): Ident {
    return { ...this.place(offset), kind: 'ident', name }
  }

  select(offset: number, operand: Expression, field: string): Select {
    return { ...this.place(offset), kind: 'select', operand, field, isTest: false }
  }

  presenceTest(offset: number, operand: Expression, field: string): Select {
    return { ...this.place(offset), kind: 'select', operand, field, isTest: true }
  }

  call(offset: number, name: string, args: readonly Expression[], target?: Expression): Call {
    return { ...this.place(offset), kind: 'call', name, target, args }
  }

  list(
    offset: number,
    elements: readonly Expression[],
    optionals: ReadonlySet<number> = noOptionals,
  ): ListLiteral {
    return { ...this.place(offset), kind: 'list', elements, optionals }
  }

  map(offset: number, entries: readonly MapEntry[]): MapLiteral {
    return { ...this.place(offset), kind: 'map', entries }
  }

  message(offset: number, typeName: string, fields: readonly MessageField[]): MessageLiteral {
    return { ...this.place(offset), kind: 'message', typeName, fields }
  }

  comprehension(offset: number, parts: Omit<Comprehension, keyof NodeFields | 'kind'>): Comprehension {
    return { ...this.place(offset), kind: 'comprehension', ...parts }
  }

  broken(offset: number): Broken {
    return { ...this.place(offset), kind: 'broken' }
  }

  /** A copy with new numbers at the same places. */
  copy(expression: Expression): Expression {
    const { id } = this.place(expression.offset)
    const copy = (it: Expression): Expression => this.copy(it)
    switch (expression.kind) {
      case 'literal':
      case 'ident':
      case 'broken':
        return { ...expression, id }
      case 'select':
        return { ...expression, id, operand: copy(expression.operand) }
      case 'call': {
        const args = expression.args.map(copy)
        return { ...expression, id, args, target: expression.target && copy(expression.target) }
      }
      case 'list':
        return { ...expression, id, elements: expression.elements.map(copy) }
      case 'map': {
        const entries = expression.entries.map((entry) => ({
          ...entry,
          ...this.place(entry.offset),
          key: copy(entry.key),
          value: copy(entry.value),
        }))
        return { ...expression, id, entries }
      }
      case 'message': {
        const fields = expression.fields.map((field) => ({
          ...field,
          ...this.place(field.offset),
          value: copy(field.value),
        }))
        return { ...expression, id, fields }
      }
      case 'comprehension':
        return {
          ...expression,
          id,
          range: copy(expression.range),
          initial: copy(expression.initial),
          condition: copy(expression.condition),
          step: copy(expression.step),
          result: copy(expression.result),
        }
    }
  }
}
