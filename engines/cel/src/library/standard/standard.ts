import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from '../../types/cel-type.ts'
import { type CelValue, noSuchOverload } from '../../values/value.ts'
import { standardMacros } from '../macros.ts'
import { matchPattern } from '../pattern.ts'
import { conversionFunctions } from './conversions.ts'
import { operatorFunctions } from './operators.ts'
import { timeFunctions } from './time.ts'

/** Which release of the reference implementation to follow where they differ. */
export type Revision = '0.29' | '0.32'

export type StandardOptions = {
  readonly crossTypeNumerics: boolean
  readonly revision: Revision
}

function textTest(
  name: string,
  id: string,
  test: (text: string, part: string) => boolean,
): FunctionDeclaration {
  const call = (text: CelValue = null, part: CelValue = null): CelValue =>
    typeof text === 'string' && typeof part === 'string' ? test(text, part) : noSuchOverload
  return declare(name, [memberOverload(id, [stringType, stringType], boolType, call)], { isUnguarded: true })
}

const texts: readonly FunctionDeclaration[] = [
  textTest('contains', 'contains_string', (text, part) => text.includes(part)),
  textTest('endsWith', 'ends_with_string', (text, part) => text.endsWith(part)),
  textTest('startsWith', 'starts_with_string', (text, part) => text.startsWith(part)),
  declare(
    'matches',
    [
      overload('matches', [stringType, stringType], boolType),
      memberOverload('matches_string', [stringType, stringType], boolType),
    ],
    {
      shared: {
        call: (text = null, pattern = null) =>
          typeof text === 'string' && typeof pattern === 'string'
            ? matchPattern(text, pattern)
            : noSuchOverload,
        arity: 2,
        accepts: (value) => typeof value === 'string',
      },
    },
  ),
]

/** The functions, macros and types of the language itself. */
export function standardLibrary({ crossTypeNumerics, revision }: StandardOptions): Library {
  const isNewer = revision === '0.32'
  return {
    functions: [
      ...operatorFunctions({ crossTypeNumerics, nanIsUnordered: isNewer }),
      ...conversionFunctions({ strictTimestamps: isNewer }),
      ...texts,
      ...timeFunctions({ limitOffsets: isNewer }),
    ],
    macros: standardMacros,
    types: [
      boolType,
      bytesType,
      doubleType,
      durationType,
      intType,
      listType(dynType),
      mapType(dynType, dynType),
      nullType,
      stringType,
      timestampType,
      typeType,
      uintType,
    ],
  }
}
