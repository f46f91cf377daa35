import {
  GoError,
  type GoFunction,
  type GoValue,
  goKind,
  goUrlText,
  hostnameOf,
  parseGoUrl,
  userinfoText,
} from '@sluice/go'
import { define, type FunctionMap } from '../functions.ts'
import { nilDereference } from './list-items.ts'

/** Sprig's functions of URLs and hosts. No name is ever looked up. Source: Masterminds/sprig 3.3.0, url.go. */
export const urlFunctions: FunctionMap = new Map<string, GoFunction>([
  ['urlParse', define(['string'], parsed)],
  ['urlJoin', define(['map[string]interface {}'], joined)],
  ['getHostByName', define(['string'], () => '')],
])

function parsed(text: string): GoValue {
  const url = rewording('unable to parse url: ', () => parseGoUrl(text))
  return new Map<string, GoValue>([
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostnameOf(url.host)],
    ['path', url.path],
    ['query', url.rawQuery],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', url.user ? userinfoText(url.user) : ''],
  ])
}

function joined(parts: ReadonlyMap<string, GoValue> | null): string {
  const get = (key: string): string => textPart(parts, key)
  const url = {
    scheme: get('scheme'),
    host: get('host'),
    path: get('path'),
    rawQuery: get('query'),
    opaque: get('opaque'),
    fragment: get('fragment'),
  }
  const userinfo = get('userinfo')
  if (userinfo === '') return goUrlText(url)
  const { user } = rewording('unable to parse userinfo in dict: ', () =>
    parseGoUrl(`proto://${userinfo}@host`),
  )
  return goUrlText({ ...url, user })
}

function textPart(parts: ReadonlyMap<string, GoValue> | null, key: string): string {
  const value = parts?.get(key)
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (value === null) throw new GoError(nilDereference)
  throw new GoError(`unable to parse ${key} key, must be of type string, but ${goKind(value)} found`)
}

function rewording<T>(prefix: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof GoError) throw new GoError(prefix + cause.message)
    throw cause
  }
}
