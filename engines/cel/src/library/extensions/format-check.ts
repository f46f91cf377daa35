import type { CheckedExpression } from '../../check/checked.ts'
import { type Call, type Expression, forEachChild } from '../../syntax/expression.ts'
import type { IssueList } from '../../syntax/source.ts'
import type { CelType, TypeKind } from '../../types/cel-type.ts'
import { CelError } from '../../values/value.ts'
import { type FormatClauses, type FormatStyle, interpolate, type WriteValue } from './format.ts'
import { type ClauseRule, type ClauseRules, clauseRules, stringRule } from './format-digits.ts'

const printable: ReadonlySet<TypeKind> = new Set<TypeKind>([
  'list',
  'map',
  'int',
  'uint',
  'double',
  'bool',
  'string',
  'timestamp',
  'bytes',
  'duration',
  'type',
  'null',
])

/** Examines calls of `format` whose text and list of arguments are literals. */
export function validateFormats(
  { expression, types }: CheckedExpression,
  issues: IssueList,
  style: FormatStyle,
): void {
  const visit = (it: Expression): void => {
    if (it.kind === 'call' && it.name === 'format') validateCall(it, { types, issues, style })
    forEachChild(it, visit)
  }
  visit(expression)
}

type Context = {
  readonly types: ReadonlyMap<number, CelType>
  readonly issues: IssueList
  readonly style: FormatStyle
}

function validateCall(call: Call, { types, issues, style }: Context): void {
  const { target, args } = call
  const [list] = args
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return
  const { elements } = list
  const argument: Argument = { expression: call, failedAt: call }
  let used = 0
  const clauses = checkingClauses(argument, types, clauseRules[style])
  const result = interpolate(target.value, elements.length, clauses, (index, write) => {
    used++
    argument.expression = elements[index] ?? call
    return write(null)
  })
  if (result instanceof CelError) issues.report(argument.failedAt.offset, result.message)
  else if (elements.length > used) {
    const counts = `(expected ${used}, got ${elements.length})`
    issues.report(call.offset, `too many arguments supplied to string.format ${counts}`)
  }
}

/** The argument that is being looked at, and the part of it that does not fit. */
type Argument = { expression: Expression; failedAt: Expression }

/** Clauses that write nothing but find out whether the argument's type fits. */
function checkingClauses(
  argument: Argument,
  types: ReadonlyMap<number, CelType>,
  rules: ClauseRules,
): FormatClauses {
  const typeOf = (it: Expression): CelType | undefined => types.get(it.id)
  const refuse = (rule: string, it: Expression): CelError => {
    argument.failedAt = it
    return new CelError(`${rule}, was given ${typeOf(it)?.name ?? 'dyn'}`)
  }
  const allow =
    ({ rule, kinds }: ClauseRule): WriteValue =>
    () => {
      const kind = typeOf(argument.expression)?.kind
      return kind === undefined || kind === 'dyn' || kinds.includes(kind)
        ? ''
        : refuse(rule, argument.expression)
    }
  return {
    string: () => {
      const wrong = findUnprintable(argument.expression, typeOf)
      return wrong ? refuse(stringRule, wrong) : ''
    },
    decimal: allow(rules.decimal),
    fixed: () => allow(rules.fixed),
    scientific: () => allow(rules.scientific),
    binary: allow(rules.binary),
    hexadecimal: () => allow(rules.hexadecimal),
    octal: allow(rules.octal),
  }
}

/** The first part of an argument that `%s` cannot write. */
function findUnprintable(
  expression: Expression,
  typeOf: (expression: Expression) => CelType | undefined,
): Expression | undefined {
  const type = typeOf(expression)
  if (type && type.kind !== 'dyn' && !printable.has(type.kind)) return expression
  const parts =
    expression.kind === 'list'
      ? expression.elements
      : expression.kind === 'map'
        ? expression.entries.flatMap(({ key, value }) => [key, value])
        : []
  for (const part of parts) {
    const wrong = findUnprintable(part, typeOf)
    if (wrong) return wrong
  }
  return undefined
}
