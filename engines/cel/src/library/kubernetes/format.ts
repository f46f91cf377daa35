import { declare, memberOverload, overload } from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { type CelType, listType, objectType, optionalType, stringType } from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { type CelValue, none, noSuchOverload, OpaqueValue, OptionalValue } from '../../values/value.ts'
import {
  type CheckName,
  checkAsPrefix,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from './names.ts'
import { hasStringFormat } from './string-formats.ts'
import { parseRequestUrl } from './url-value.ts'

export const formatType: CelType = objectType('kubernetes.NamedFormat')

/** A format that strings can be checked against. */
export class NamedFormat extends OpaqueValue {
  readonly type: CelType = formatType
  readonly name: string
  /** What is wrong with a string; empty when nothing is. */
  readonly check: CheckName
  /** A bound of the length of the pattern behind it, for costs. */
  readonly patternSize: number

  constructor(name: string, patternSize: number, check: CheckName) {
    super()
    this.name = name
    this.patternSize = patternSize
    this.check = check
  }

  equals(other: CelValue): boolean {
    return other instanceof NamedFormat && other.name === this.name
  }

  toString(): string {
    return this.name
  }
}

function ofStringFormat(format: string, problem: string): CheckName {
  return (text) => (hasStringFormat(format, text) ? [] : [problem])
}

const formats: ReadonlyMap<string, NamedFormat> = new Map([
  ['dns1123Label', new NamedFormat('DNS1123Label', 30, checkDnsLabel)],
  ['dns1123Subdomain', new NamedFormat('DNS1123Subdomain', 60, checkDnsSubdomain)],
  ['dns1035Label', new NamedFormat('DNS1035Label', 30, checkDns1035Label)],
  ['qualifiedName', new NamedFormat('QualifiedName', 60, checkQualifiedName)],
  ['dns1123LabelPrefix', new NamedFormat('DNS1123LabelPrefix', 30, checkAsPrefix(checkDnsLabel))],
  ['dns1123SubdomainPrefix', new NamedFormat('DNS1123SubdomainPrefix', 60, checkAsPrefix(checkDnsSubdomain))],
  ['dns1035LabelPrefix', new NamedFormat('DNS1035LabelPrefix', 30, checkAsPrefix(checkDns1035Label))],
  ['labelValue', new NamedFormat('LabelValue', 40, checkLabelValue)],
  [
    'uri',
    new NamedFormat('URI', 1103, (text) => {
      const url = parseRequestUrl(text)
      return typeof url === 'string' ? [url] : []
    }),
  ],
  ['uuid', new NamedFormat('uuid', 70, ofStringFormat('uuid', 'does not match the UUID format'))],
  ['byte', new NamedFormat('byte', 84, ofStringFormat('byte', 'invalid base64'))],
  ['date', new NamedFormat('date', 71, ofStringFormat('date', 'invalid date'))],
  ['datetime', new NamedFormat('datetime', 71, ofStringFormat('datetime', 'invalid datetime'))],
])

/** Formats as values: `format.dns1123Label().validate(name)`. */
export const formatLibrary: Library = {
  types: [formatType],
  functions: [
    ...Array.from(formats, ([name, format]) =>
      declare(`format.${name}`, [overload(`format.${name}`, [], formatType, () => format)]),
    ),
    declare('format.named', [
      overload('format-named', [stringType], optionalType(formatType), (name = null) => {
        if (typeof name !== 'string') return noSuchOverload
        const format = formats.get(name)
        return format ? new OptionalValue(format) : none
      }),
    ]),
    declare('validate', [
      memberOverload(
        'format-validate',
        [formatType, stringType],
        optionalType(listType(stringType)),
        (format = null, text = null) => {
          if (!(format instanceof NamedFormat) || typeof text !== 'string') return noSuchOverload
          const problems = format.check(text)
          return problems.length === 0 ? none : new OptionalValue(new ListValue(problems))
        },
      ),
    ]),
  ],
}
