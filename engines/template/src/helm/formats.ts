import {
  GoBoundsError,
  GoError,
  type GoFunction,
  GoMap,
  GoSlice,
  type GoValue,
  goKind,
  goStringBytes,
  isValidUtf8,
} from '@sluice/go'
import { ToolkitError } from '@sluice/ports'
import { jsonMarshal, parseJsonGo, parseYamlGo, printYaml } from '@sluice/yaml'
import { define, type FunctionMap } from '../functions.ts'
import { parseToml } from '../toml/parse.ts'
import { printToml } from '../toml/print.ts'
import { prettyYaml } from './pretty-yaml.ts'

const any = 'interface {}'
const mapType = 'map[string]interface {}'
const listType = '[]interface {}'

/**
 * Helm's conversions. Those without `must` give an empty text, or the error's text in the result.
 *
 * Source: helm.sh/helm/v4 4.3.1, pkg/engine/funcs.go.
 */
export const formatFunctions: FunctionMap = new Map<string, GoFunction>([
  ['toYaml', define([any], yamlText)],
  ['mustToYaml', define([any], (value) => prefixed('error marshaling into JSON: ', () => mustYaml(value)))],
  ['toYamlPretty', define([any], prettyYaml)],
  ['fromYaml', define(['string'], (text) => readMap(() => readYaml(text) ?? new Map(), decoding))],
  ['fromYamlArray', define(['string'], (text) => readList(() => readYaml(text) ?? [], decoding))],
  ['toJson', define([any], (value) => orEmpty(() => jsonMarshal(value)))],
  ['mustToJson', define([any], (value) => jsonMarshal(value))],
  ['fromJson', define(['string'], (text) => readMap(() => parseJsonGo(text), ''))],
  ['fromJsonArray', define(['string'], (text) => readList(() => parseJsonGo(text), ''))],
  ['toToml', define([any], (value) => orMessage(() => printToml(value)))],
  ['mustToToml', define([any], printToml)],
  ['fromToml', define(['string'], (text) => readMap(() => parseToml(text), ''))],
])

const decoding = 'error unmarshaling JSON: while decoding JSON: '

/** YAML without its last line break; nothing for what has no YAML form. */
export function yamlText(value: GoValue): string {
  return orEmpty(() => mustYaml(value))
}

function mustYaml(value: GoValue): string {
  const text = printYaml(value ?? null)
  return text.endsWith('\n') ? text.slice(0, -1) : text
}

function readYaml(text: string): GoValue {
  return prefixed('error converting YAML to JSON: ', () =>
    parseYamlGo(isValidUtf8(text) ? text : goStringBytes(text)),
  )
}

function prefixed<T>(prefix: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new GoError(prefix + messageOf(cause), { cause })
  }
}

function orEmpty(run: () => string): string {
  try {
    return run()
  } catch (cause) {
    messageOf(cause)
    return ''
  }
}

function orMessage(run: () => string): string {
  try {
    return run()
  } catch (cause) {
    // A panic of the encoder is not an error that it returns.
    if (cause instanceof GoError && cause.message.startsWith('reflect: ')) throw cause
    return messageOf(cause)
  }
}

function readMap(read: () => GoValue, prefix: string): GoValue {
  try {
    const value = read()
    if (value === null || value === undefined) return new GoMap(mapType, null)
    if (value instanceof Map) return value
    throw new GoError(`${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type ${mapType}`)
  } catch (cause) {
    return new Map([['Error', messageOf(cause)]])
  }
}

function readList(read: () => GoValue, prefix: string): GoValue {
  try {
    const value = read()
    if (value === null || value === undefined) return new GoSlice(listType, null)
    if (Array.isArray(value)) return value
    throw new GoError(`${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type ${listType}`)
  } catch (cause) {
    return [messageOf(cause)]
  }
}

function jsonKind(value: GoValue): string {
  const kind = goKind(value)
  if (kind === 'map') return 'object'
  if (kind === 'slice') return 'array'
  return kind === 'float64' ? 'number' : kind
}

/** The text of an error that the value or the text has caused; others are thrown on. */
function messageOf(cause: unknown): string {
  if (!(cause instanceof ToolkitError) || cause instanceof GoBoundsError) throw cause
  return cause.message
}
