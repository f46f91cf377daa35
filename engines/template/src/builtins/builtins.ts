import {
  GoError,
  GoFunction,
  type GoValue,
  goInt,
  goTypeName,
  htmlEscape,
  jsEscape,
  queryEscape,
  sprint,
  sprintf,
  sprintln,
} from '@sluice/go'
import { printable } from '../exec/print.ts'
import { isTrue } from '../exec/truth.ts'
import { define, defineWithBudget, type FunctionMap } from '../functions.ts'
import { callValue } from './call-value.ts'
import { equal, less, lessOrEqual } from './compare.ts'
import { indexValue, lengthOf } from './index-value.ts'
import { sliceValue } from './slice-value.ts'

const two = ['reflect.Value', 'reflect.Value'] as const

/**
 * The functions that every template has.
 *
 * Source: https://pkg.go.dev/text/template#hdr-Functions
 */
export const builtinFunctions: FunctionMap = new Map<string, GoFunction>([
  ['and', define(['reflect.Value', '...reflect.Value'], unreachable)],
  ['or', define(['reflect.Value', '...reflect.Value'], unreachable)],
  ['not', define(['reflect.Value'], (value) => !isTrue(value))],
  // The compiler puts the callee's name before the arguments.
  ['call', new GoFunction(['reflect.Value', 'reflect.Value'], callNamed, { variadic: true })],
  ['eq', define(['reflect.Value', '...reflect.Value'], (first, ...others) => equal(first, others))],
  ['ne', define(two, (a, b) => !equal(a, [b]))],
  ['lt', define(two, less)],
  ['le', define(two, lessOrEqual)],
  ['gt', define(two, (a, b) => !lessOrEqual(a, b))],
  ['ge', define(two, (a, b) => !less(a, b))],
  ['index', define(['reflect.Value', '...reflect.Value'], (item, ...indexes) => indexValue(item, indexes))],
  ['slice', define(['reflect.Value', '...reflect.Value'], (item, ...indexes) => sliceValue(item, indexes))],
  ['len', define(['reflect.Value'], (item) => goInt(lengthOf(item)))],
  ['print', defineWithBudget(['...interface {}'], (budget, ...args) => sprint(args, budget))],
  ['println', defineWithBudget(['...interface {}'], (budget, ...args) => sprintln(args, budget))],
  [
    'printf',
    defineWithBudget(['string', '...interface {}'], (budget, format, ...args) =>
      sprintf(format, args, budget),
    ),
  ],
  [
    'html',
    defineWithBudget(['...interface {}'], (budget, ...args) => htmlEscape(sprint(shown(args), budget))),
  ],
  ['js', defineWithBudget(['...interface {}'], (budget, ...args) => jsEscape(sprint(shown(args), budget)))],
  [
    'urlquery',
    defineWithBudget(['...interface {}'], (budget, ...args) => queryEscape(sprint(shown(args), budget))),
  ],
])

function unreachable(): never {
  throw new GoError('unreachable')
}

function callNamed(
  [name, fn, ...args]: readonly GoValue[],
  budget: Parameters<GoFunction['call']>[1],
): GoValue {
  return callValue(typeof name === 'string' ? name : goTypeName(name), fn, { args, budget })
}

/** The escapers show no value as such, where print shows nil. */
function shown(args: readonly GoValue[]): readonly GoValue[] {
  return args.map((arg) => printable(arg ?? undefined))
}
