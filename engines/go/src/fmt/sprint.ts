import type { Budget } from '../budget.ts'
import { normalizeGoString } from '../byte-string.ts'
import { GoNamed, type GoValue } from '../value.ts'
import { Printer } from './printer.ts'

/** Prints values in their default formats, with a space between two of which none is a string. */
export function sprint(args: readonly GoValue[], budget?: Budget): string {
  if (args.length === 1 && typeof args[0] === 'string') return args[0]
  const printer = new Printer(budget)
  let afterText = true
  for (const arg of args) {
    const isText = typeof arg === 'string' || arg instanceof GoNamed
    if (!isText && !afterText) printer.write(' ')
    printer.print(arg, 'v')
    afterText = isText
  }
  return normalizeGoString(printer.out)
}

/** Prints values in their default formats, with spaces between and a line break after. */
export function sprintln(args: readonly GoValue[], budget?: Budget): string {
  const printer = new Printer(budget)
  for (const [at, arg] of args.entries()) {
    if (at > 0) printer.write(' ')
    printer.print(arg, 'v')
  }
  printer.write('\n')
  return normalizeGoString(printer.out)
}
