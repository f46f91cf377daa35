import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { boolType, type CelType, intType, stringType } from '../../types/cel-type.ts'
import { wrapInt } from '../../values/numbers.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'
import { parseSemver, parseTolerantSemver, Semver, semverType } from './semver-value.ts'

function read(text: CelValue, isTolerant: CelValue): Semver | CelError {
  if (typeof text !== 'string' || typeof isTolerant !== 'boolean') return noSuchOverload
  const version = isTolerant ? parseTolerantSemver(text) : parseSemver(text)
  return typeof version === 'string' ? new CelError(version) : version
}

function test(text: CelValue, isTolerant: CelValue): CelValue {
  const version = read(text, isTolerant)
  return version === noSuchOverload ? noSuchOverload : version instanceof Semver
}

function number(name: string, index: 0 | 1 | 2): FunctionDeclaration {
  return declare(name, [
    memberOverload(`semver_${name}`, [semverType], intType, (value = null) =>
      value instanceof Semver ? wrapInt(value.numbers[index]) : noSuchOverload,
    ),
  ])
}

function comparison(
  name: string,
  id: string,
  result: CelType,
  take: (order: number) => CelValue,
): FunctionDeclaration {
  return declare(name, [
    memberOverload(id, [semverType, semverType], result, (a = null, b = null) =>
      a instanceof Semver && b instanceof Semver ? take(a.compare(b)) : noSuchOverload,
    ),
  ])
}

/** Versions such as `semver('1.2.3')`, read strictly or, with `true`, tolerantly. */
export const semverLibrary: Library = {
  types: [semverType],
  functions: [
    declare('semver', [
      overload('string_to_semver', [stringType], semverType, (text = null) => read(text, false)),
      overload('string_bool_to_semver', [stringType, boolType], semverType, (text = null, tolerant = null) =>
        read(text, tolerant),
      ),
    ]),
    declare('isSemver', [
      overload('is_semver_string', [stringType], boolType, (text = null) => test(text, false)),
      overload('is_semver_string_bool', [stringType, boolType], boolType, (text = null, tolerant = null) =>
        test(text, tolerant),
      ),
    ]),
    comparison('isGreaterThan', 'semver_is_greater_than', boolType, (order) => order > 0),
    comparison('isLessThan', 'semver_is_less_than', boolType, (order) => order < 0),
    comparison('compareTo', 'semver_compare_to', intType, (order) => order),
    number('major', 0),
    number('minor', 1),
    number('patch', 2),
  ],
}
