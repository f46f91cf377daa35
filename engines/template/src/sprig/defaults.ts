import { GoError, type GoFunction, type GoValue } from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { deepCopy } from './deep-copy.ts'
import { isEmpty } from './empty.ts'

const any = 'interface {}'
const anys = '...interface {}'

/** Sprig's defaults. Source: Masterminds/sprig 3.3.0, defaults.go. */
export const defaultFunctions: FunctionMap = new Map<string, GoFunction>([
  ['default', define([any, anys], (fallback, ...given) => (isEmpty(given[0]) ? fallback : given[0]))],
  ['empty', define([any], isEmpty)],
  ['coalesce', define([anys], (...values) => values.find((value) => !isEmpty(value)) ?? null)],
  ['all', define([anys], (...values) => !values.some(isEmpty))],
  ['any', define([anys], (...values) => values.some((value) => !isEmpty(value)))],
  ['ternary', define([any, any, 'bool'], (yes, no, condition) => (condition ? yes : no))],
  ['deepCopy', define([any], copied)],
  ['mustDeepCopy', define([any], copied)],
])

function copied(value: GoValue): GoValue {
  if (value === null || value === undefined) {
    throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  }
  return deepCopy(value)
}
