import {
  declare,
  type FunctionDeclaration,
  memberOverload,
  overload,
} from '../../environment/declarations.ts'
import type { Library } from '../../environment/library.ts'
import { boolType, type CelType, listType, mapType, stringType } from '../../types/cel-type.ts'
import { ListValue } from '../../values/list-value.ts'
import { MapBuilder } from '../../values/map-value.ts'
import { CelError, type CelValue, noSuchOverload } from '../../values/value.ts'
import { GoUrl, parseRequestUrl, urlType } from './url-value.ts'

function part(
  name: string,
  id: string,
  read: (url: GoUrl) => CelValue,
  result: CelType = stringType,
): FunctionDeclaration {
  const call = (url: CelValue = null): CelValue => (url instanceof GoUrl ? read(url) : noSuchOverload)
  return declare(name, [memberOverload(id, [urlType], result, call)])
}

function queryOf(url: GoUrl): CelValue {
  const out = new MapBuilder()
  for (const [name, values] of url.queryValues) out.set(name, new ListValue(values))
  return out.build()
}

/** URLs such as `url('https://example.com/')` and their parts. */
export const urlLibrary: Library = {
  types: [urlType],
  functions: [
    declare('url', [
      overload('string_to_url', [stringType], urlType, (text = null) => {
        if (typeof text !== 'string') return noSuchOverload
        const url = parseRequestUrl(text)
        return typeof url === 'string'
          ? new CelError(`URL parse error during conversion from string: ${url}`)
          : url
      }),
    ]),
    declare('isURL', [
      overload('is_url_string', [stringType], boolType, (text = null) =>
        typeof text === 'string' ? typeof parseRequestUrl(text) !== 'string' : noSuchOverload,
      ),
    ]),
    part('getScheme', 'url_get_scheme', ({ parts }) => parts.scheme),
    part('getHost', 'url_get_host', ({ parts }) => parts.host),
    part('getHostname', 'url_get_hostname', ({ hostname }) => hostname),
    part('getPort', 'url_get_port', ({ port }) => port),
    part('getEscapedPath', 'url_get_escaped_path', ({ escapedPath }) => escapedPath),
    part('getQuery', 'url_get_query', queryOf, mapType(stringType, listType(stringType))),
  ],
}
