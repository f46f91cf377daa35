import type { YamlNode } from '@sluice/yaml'
import { NodeMergeError, wrongKindMessage } from './errors.ts'
import { fieldOf, isEmptyMapping, isMissingOrNull } from './fields.ts'

/**
 * Replaces the items of `list` whose `keys` have `values` by `element`, or adds it at the end; without `element` they
 * are removed. Nulls and empty mappings go on the way. The key `''` stands for the value of a scalar item.
 *
 * Source: kyaml v0.21, yaml/fns.go, ElementSetter.
 */
export function setElement(
  list: YamlNode,
  element: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): void {
  const ofMappings = keys[0] !== '' && values.length > 0 && values[0] !== ''
  const content: YamlNode[] = []
  let found = false
  for (const item of list.content) {
    if (isMissingOrNull(item) || isEmptyMapping(item)) continue
    if (item.kind !== 'mapping' && ofMappings) {
      content.push(item)
    } else if (!hasValues(item, keys, values)) {
      if (values.length > 0) content.push(item)
    } else {
      found = true
      if (element) content.push(element)
    }
  }
  if (element && !isMissingOrNull(element) && !found) content.push(element)
  list.content = content
}

/** The first item whose `keys` have exactly `values`. */
export function findElement(
  list: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  if (list?.kind !== 'sequence') return undefined
  if (keys.length === 0 || keys[0] === '') {
    return list.content.find((it) => it.value === (values[0] ?? ''))
  }
  if (keys.length !== values.length) return undefined
  return list.content.find(
    (it) => it.kind === 'mapping' && keys.every((key, i) => fieldOf(it, key)?.value === values[i]),
  )
}

/** An empty value matches any field that is there. */
function hasValues(item: YamlNode, keys: readonly string[], values: readonly string[]): boolean {
  let matched = false
  for (const [i, key] of keys.entries()) {
    // As kyaml has it, the last result stands for keys without a value.
    if (i < values.length) matched = hasValue(item, key, values[i] ?? '')
    if (!matched) return false
  }
  return matched
}

function hasValue(item: YamlNode, key: string, value: string): boolean {
  const wanted = key === '' ? 'scalar' : 'mapping'
  if (item.kind !== wanted) {
    throw new NodeMergeError('MERGE_KIND_MISMATCH', wrongKindMessage(item, wanted))
  }
  if (key === '') return item.value === value
  const field = fieldOf(item, key)
  return field !== undefined && (value === '' || field.value === value)
}
