import { type NodeStyle, plainScalar, resolveTag, type YamlNode } from '@sluice/yaml'
import { fieldOf, removeField } from './fields.ts'

/**
 * Sets the field `name` of a mapping, in the node of the value that stands there, whose style the new value takes.
 * A null removes the field unless `keepNull`.
 *
 * Source: kyaml v0.21, yaml/fns.go, FieldSetter.
 */
export function setField(
  node: YamlNode,
  name: string,
  value: YamlNode | undefined,
  {
    keepNull = false,
    keyStyle = 'plain',
  }: { readonly keepNull?: boolean; readonly keyStyle?: NodeStyle } = {},
): void {
  if (!value || (value.tag === '!!null' && !keepNull)) {
    removeField(node, name)
    return
  }
  quoteOldWords(value)
  const present = fieldOf(node, name)
  if (present) {
    if (present === value) return
    value.style = present.style
    present.assign(value)
    return
  }
  const key = plainScalar(name)
  key.style = keyStyle
  node.content.push(key, value)
}

/** Overwrites a scalar, keeping its style. */
export function setScalar(node: YamlNode, value: YamlNode): void {
  quoteOldWords(value)
  value.style = node.style
  node.assign(value)
}

/** Quotes strings that YAML 1.1 takes for something else, as in `on` or `1_000`. */
export function quoteOldWords(node: YamlNode): void {
  if (node.kind !== 'scalar' || node.style !== 'plain') return
  if (node.tag !== '!!str' && node.tag !== '') return
  if (isOldNonString(node.value)) node.style = 'double'
}

function isOldNonString(text: string): boolean {
  if (text === '' || text.includes('\n')) return false
  const tag = resolveTag(text, 'v2')
  // Timestamps stay strings where Go decodes into an interface.
  return tag !== '!!str' && tag !== '!!timestamp'
}
