import { GoMap, type GoMethods, GoObject, type GoValue, goElementType, goTypeName } from '@sluice/go'
import type { Node } from '../parse/node.ts'
import { type CallSite, callFunction } from './call.ts'
import type { State } from './state.ts'
import { zeroValue } from './zero.ts'

/** What a receiver is known to be beside its value: whether it came out of an interface. */
type Receiver = { readonly value: GoValue; readonly isInterface: boolean }

/**
 * Follows `path` from a receiver; a method at its end gets the arguments of `call`.
 *
 * Source: text/template exec.go, evalFieldChain.
 */
export function followPath(
  s: State,
  receiver: Receiver,
  path: readonly string[],
  access: FieldAccess,
): GoValue {
  const { node, dot } = access
  let { value, isInterface } = receiver
  for (let at = 0; at < path.length; at += 1) {
    const name = path[at] ?? ''
    const next = field(s, { value, isInterface }, name, at === path.length - 1 ? access : { node, dot })
    isInterface = holdsInterfaces(value)
    value = next
  }
  return value
}

/** `site` and `final` are there when the last name gets arguments. */
type FieldAccess = {
  readonly node: Node
  readonly dot: GoValue
  readonly site?: CallSite
  readonly final?: GoValue
}

function field(s: State, { value, isInterface }: Receiver, name: string, access: FieldAccess): GoValue {
  if (value instanceof Map) return mapEntry(s, value, name, access.site)
  if (value === undefined) {
    if (s.missingKey === 'error') throw s.error(`nil data; no entry for key "${name}"`)
    return undefined
  }
  if (value === null) throw s.error(`nil pointer evaluating interface {}.${name}`)
  const method = methodsOf(value)?.get(name)
  if (method) {
    s.final = access.final
    const { node, dot, site = { name, node, args: [], hasFinal: false } } = access
    return callFunction(s, dot, method, site)
  }
  if (value instanceof GoMap && value.hasTextKeys) {
    return typedMapEntry(s, value, name, access.site)
  }
  if (value instanceof GoObject && value.fields.has(name)) {
    if (access.site) throw s.error(`${name} has arguments but cannot be invoked as function`)
    return value.fields.get(name)
  }
  throw s.error(`can't evaluate field ${name} in type ${isInterface ? 'interface {}' : goTypeName(value)}`)
}

function mapEntry(
  s: State,
  map: ReadonlyMap<string, GoValue>,
  name: string,
  site: CallSite | undefined,
): GoValue {
  if (site) throw s.error(`${name} is not a method but has arguments`)
  const value = map.get(name)
  if (value !== undefined) return value
  if (s.missingKey === 'error') throw s.error(`map has no entry for key "${name}"`)
  return s.missingKey === 'zero' ? null : undefined
}

function typedMapEntry(s: State, map: GoMap, name: string, site: CallSite | undefined): GoValue {
  if (site) throw s.error(`${name} is not a method but has arguments`)
  const value = map.entries.get(name)
  if (value !== undefined) return value
  if (s.missingKey === 'error') throw s.error(`map has no entry for key "${name}"`)
  return s.missingKey === 'zero' ? zeroValue(goElementType(map.underlying)) : undefined
}

function methodsOf(value: GoValue): GoMethods | undefined {
  if (typeof value !== 'object' || value === null || !('methods' in value)) return undefined
  return value.methods instanceof Map ? value.methods : undefined
}

/** Whether what is found in a value has interface type, as the elements of `map[string]interface {}` have. */
export function holdsInterfaces(value: GoValue): boolean {
  if (value instanceof Map || Array.isArray(value)) return true
  if (typeof value !== 'object' || value === null || !('underlying' in value)) return false
  return goElementType(value.underlying) === 'interface {}'
}
