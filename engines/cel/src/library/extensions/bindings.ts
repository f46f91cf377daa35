import type { Library } from '../../environment/library.ts'

/** `cel.bind(name, value, expression)`. */
export const bindingsLibrary: Library = {
  macros: [
    {
      name: 'bind',
      argumentCount: 3,
      isMember: true,
      expand: ({ nodes, offset }, [name, value, result], target) => {
        if (target?.kind !== 'ident' || target.name !== 'cel' || !name || !value || !result) return undefined
        if (name.kind !== 'ident') {
          return { failure: 'cel.bind() variable names must be simple identifiers', at: name }
        }
        return nodes.comprehension(offset, {
          range: nodes.list(offset, []),
          variable: '#unused',
          variable2: undefined,
          accumulator: name.name,
          initial: value,
          condition: nodes.literal(offset, false),
          step: nodes.ident(offset, name.name),
          result,
        })
      },
    },
  ],
}
