import { YamlError } from '../yaml-error.ts'
import { decodeBinary } from './binary.ts'
import { resolveType, type ScalarType, type ScalarValue, scalarValue } from './resolve.ts'

/** A scalar with its type. */
export type Scalar = { readonly type: ScalarType; readonly value: ScalarValue }

const core = 'tag:yaml.org,2002:'
const maxInt64 = 2n ** 63n - 1n

/**
 * The value of a scalar that has a tag. Tags that YAML does not know leave it a text.
 *
 * @throws {YamlError} when the text is not of the tag's type
 */
export function taggedScalar(tag: string, text: string): Scalar {
  const wanted = tag.startsWith(core) ? tag.slice(core.length) : ''
  if (wanted === 'binary') return { type: 'str', value: decodeBinary(text) }
  if (!isResolvable(wanted)) return { type: 'str', value: text }
  let type = resolveType(text)
  // Only a text without tag may turn out to be a time.
  if (type === 'timestamp' && wanted !== 'timestamp') type = 'str'
  const value = scalarValue(text, type)
  if (type === wanted) return { type, value }
  if (wanted === 'float' && type === 'int' && !(typeof value === 'bigint' && value > maxInt64)) {
    return { type: 'float', value: Number(value) }
  }
  throw new YamlError('YAML_INVALID_VALUE', `yaml: cannot decode !!${type} \`${text}\` as a !!${wanted}`)
}

function isResolvable(name: string): name is ScalarType {
  return name === 'bool' || name === 'int' || name === 'float' || name === 'null' || name === 'timestamp'
}
