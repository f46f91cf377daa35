import { type Expression, operators } from '../syntax/expression.ts'
import { accumulatorName, type Macro, type MacroContext, type MacroFailure } from '../syntax/macro.ts'

const oldAccumulatorName = '__result__'
const overwrites = 'iteration variable overwrites accumulator variable'

/** The variables of a macro's first arguments, or what is wrong with them. */
export function readVariables(
  args: readonly Expression[],
  complaint: string,
): { readonly names: readonly string[] } | MacroFailure {
  const names: string[] = []
  for (const arg of args) {
    if (arg.kind !== 'ident') return { failure: complaint, at: arg }
    if (names.includes(arg.name)) return { failure: `duplicate variable name: ${arg.name}`, at: arg }
    names.push(arg.name)
  }
  const reserved = args.find((_, index) => {
    const name = names[index]
    return name === accumulatorName || name === oldAccumulatorName
  })
  return reserved ? { failure: overwrites, at: reserved } : { names }
}

export type Quantifier = 'all' | 'exists' | 'existsOne'

/** The comprehension of `all`, `exists` and `exists_one`. */
export function quantify(
  { nodes, offset }: MacroContext,
  kind: Quantifier,
  range: Expression,
  { names, predicate }: { readonly names: readonly string[]; readonly predicate: Expression },
): Expression {
  const accumulator = (): Expression => nodes.ident(offset, accumulatorName)
  const call = (name: string, ...args: readonly Expression[]): Expression => nodes.call(offset, name, args)
  const literal = (value: boolean | number): Expression => nodes.literal(offset, value)
  const [variable = '', variable2] = names
  const parts = { range, variable, variable2, accumulator: accumulatorName }
  switch (kind) {
    case 'all':
      return nodes.comprehension(offset, {
        ...parts,
        initial: literal(true),
        condition: call(operators.notStrictlyFalse, accumulator()),
        step: call(operators.and, accumulator(), predicate),
        result: accumulator(),
      })
    case 'exists':
      return nodes.comprehension(offset, {
        ...parts,
        initial: literal(false),
        condition: call(operators.notStrictlyFalse, call(operators.not, accumulator())),
        step: call(operators.or, accumulator(), predicate),
        result: accumulator(),
      })
    case 'existsOne':
      return nodes.comprehension(offset, {
        ...parts,
        initial: literal(0),
        condition: literal(true),
        step: call(
          operators.conditional,
          predicate,
          call(operators.add, accumulator(), literal(1)),
          accumulator(),
        ),
        result: call(operators.equals, accumulator(), literal(1)),
      })
  }
}

/** A comprehension that gathers what `add` makes of the accumulator, for items that pass the filter. */
export function gather(
  { nodes, offset }: MacroContext,
  range: Expression,
  {
    names,
    filter,
    initial,
    add,
  }: {
    readonly names: readonly string[]
    readonly filter: Expression | undefined
    readonly initial: Expression
    readonly add: (accumulator: Expression) => Expression
  },
): Expression {
  const accumulator = (): Expression => nodes.ident(offset, accumulatorName)
  const [variable = '', variable2] = names
  const added = add(accumulator())
  const step = filter ? nodes.call(offset, operators.conditional, [filter, added, accumulator()]) : added
  return nodes.comprehension(offset, {
    range,
    variable,
    variable2,
    accumulator: accumulatorName,
    initial,
    condition: nodes.literal(offset, true),
    step,
    result: accumulator(),
  })
}

/** The comprehension that appends an item to a list for every round. */
export function gatherList(
  context: MacroContext,
  range: Expression,
  parts: {
    readonly names: readonly string[]
    readonly filter: Expression | undefined
    readonly item: Expression
  },
): Expression {
  const { nodes, offset } = context
  return gather(context, range, {
    names: parts.names,
    filter: parts.filter,
    initial: nodes.list(offset, []),
    add: (accumulator) => nodes.call(offset, operators.add, [accumulator, nodes.list(offset, [parts.item])]),
  })
}

/** Runs `expand` with the arguments of a member macro whose first `count` are variables. */
export function withVariables(
  count: number,
  complaint: string,
  expand: (
    context: MacroContext,
    range: Expression,
    parts: { readonly names: readonly string[]; readonly rest: readonly Expression[] },
  ) => Expression | undefined,
): Macro['expand'] {
  return (context, args, target) => {
    const variables = readVariables(args.slice(0, count), complaint)
    if ('failure' in variables) return variables
    return target && expand(context, target, { names: variables.names, rest: args.slice(count) })
  }
}

const notSimple = 'argument must be a simple name'
const notIdentifier = 'argument is not an identifier'

function quantifierMacro(name: string, kind: Quantifier): Macro {
  return {
    name,
    argumentCount: 2,
    isMember: true,
    expand: withVariables(
      1,
      notSimple,
      (context, range, { names, rest: [predicate] }) =>
        predicate && quantify(context, kind, range, { names, predicate }),
    ),
  }
}

/** The macros of the language: `has`, `all`, `exists`, `exists_one`, `map` and `filter`. */
export const standardMacros: readonly Macro[] = [
  {
    name: 'has',
    argumentCount: 1,
    isMember: false,
    expand: ({ nodes, offset }, [arg]) => {
      if (arg?.kind === 'select') return nodes.presenceTest(offset, arg.operand, arg.field)
      return { failure: 'invalid argument to has() macro', ...(arg && { at: arg }) }
    },
  },
  quantifierMacro('all', 'all'),
  quantifierMacro('exists', 'exists'),
  quantifierMacro('exists_one', 'existsOne'),
  {
    name: 'map',
    argumentCount: 2,
    isMember: true,
    expand: withVariables(
      1,
      notIdentifier,
      (context, range, { names, rest: [item] }) =>
        item && gatherList(context, range, { names, filter: undefined, item }),
    ),
  },
  {
    name: 'map',
    argumentCount: 3,
    isMember: true,
    expand: withVariables(
      1,
      notIdentifier,
      (context, range, { names, rest: [filter, item] }) =>
        item && gatherList(context, range, { names, filter, item }),
    ),
  },
  {
    name: 'filter',
    argumentCount: 2,
    isMember: true,
    expand: (context, args, target) => {
      const [item, filter] = args
      const variables = readVariables(args.slice(0, 1), notIdentifier)
      if ('failure' in variables) return variables
      return target && item && gatherList(context, target, { names: variables.names, filter, item })
    },
  },
]
