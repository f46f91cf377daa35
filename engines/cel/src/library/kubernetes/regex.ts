import { declare, memberOverload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { intType, listType, stringType } from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { isInt } from '../../values/numbers.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'
import { compilePattern } from '../pattern.ts'

function find(text: CelValue = null, pattern: CelValue = null): CelValue {
  const found = search(text, pattern, 1)
  return found instanceof CelError ? found : (found[0] ?? '')
}

function findAll(text: CelValue = null, pattern: CelValue = null, count: CelValue = -1): CelValue {
  if (!isInt(count)) return noSuchOverload
  const found = search(text, pattern, Number(count))
  return found instanceof CelError ? found : new ListValue(found)
}

/** Up to `count` matches, all of them for a negative count. */
function search(text: CelValue, pattern: CelValue, count: number): readonly string[] | CelError {
  if (typeof text !== 'string' || typeof pattern !== 'string') return noSuchOverload
  const compiled = compilePattern(pattern)
  if (compiled instanceof CelError) return new CelError(`Illegal regex: ${compiled.message}`)
  return compiled.findAll(text, count).map(([match = '']) => match)
}

/** `find` and `findAll` of a pattern in a string. */
export const regexLibrary: Library = {
  functions: [
    declare('find', [memberOverload('string_find_string', [stringType, stringType], stringType, find)]),
    declare('findAll', [
      memberOverload(
        'string_find_all_string',
        [stringType, stringType],
        listType(stringType),
        (text, pattern) => findAll(text, pattern),
      ),
      memberOverload(
        'string_find_all_string_int',
        [stringType, stringType, intType],
        listType(stringType),
        findAll,
      ),
    ]),
  ],
}
