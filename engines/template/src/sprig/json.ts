import { GoError, type GoFunction, type GoValue } from '@sluice/go'
import { JsonError, jsonMarshal, parseJsonGo } from '@sluice/yaml'
import { define, type FunctionMap } from '../functions.ts'

const any = 'interface {}'

/** Sprig's JSON functions; those without `must` swallow errors. Source: Masterminds/sprig 3.3.0, defaults.go. */
export const jsonFunctions: FunctionMap = new Map<string, GoFunction>([
  ['toJson', define([any], (value) => orElse(() => jsonMarshal(value), ''))],
  ['mustToJson', define([any], (value) => rethrown(() => jsonMarshal(value)))],
  ['toPrettyJson', define([any], (value) => orElse(() => pretty(value), ''))],
  ['mustToPrettyJson', define([any], (value) => rethrown(() => pretty(value)))],
  ['toRawJson', define([any], (value) => rethrown(() => raw(value)))],
  ['mustToRawJson', define([any], (value) => rethrown(() => raw(value)))],
  ['fromJson', define(['string'], (text) => orElse<GoValue>(() => parseJsonGo(text), null))],
  ['mustFromJson', define(['string'], (text) => rethrown(() => parseJsonGo(text)))],
])

function pretty(value: GoValue): string {
  return jsonMarshal(value, { indent: '  ' })
}

function raw(value: GoValue): string {
  return jsonMarshal(value, { escapeHtml: false })
}

/** The result, or something else when the value has no JSON form. */
export function orElse<T>(run: () => T, otherwise: T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof JsonError) return otherwise
    throw cause
  }
}

/** Errors of JSON as those of a template function. */
export function rethrown<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof JsonError) throw new GoError(cause.message, { cause })
    throw cause
  }
}
