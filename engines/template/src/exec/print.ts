import { GoFunction, GoObject, type GoValue, goTypeName, sprint } from '@sluice/go'
import type { ActionNode } from '../parse/node.ts'
import { nodeText } from '../parse/node-text.ts'
import type { State } from './state.ts'

/** The text of an action's value. Source: text/template exec.go, printValue. */
export function printed(s: State, node: ActionNode, value: GoValue): string {
  if (value instanceof GoFunction) throw s.error(`can't print ${nodeText(node)} of type ${goTypeName(value)}`)
  return sprint([printable(value)], s)
}

/** What is printed for a value: a struct for a pointer to it, a text for no value. */
export function printable(value: GoValue): GoValue {
  if (value === undefined) return '<no value>'
  const isPointer = value instanceof GoObject && value.type.startsWith('*')
  if (!isPointer || value.methods.has('Error') || value.methods.has('String')) return value
  return new GoObject(value.type.slice(1), value.fields, value.methods)
}
