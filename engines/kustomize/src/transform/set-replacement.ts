import { isMissingOrNull } from '@sluice/merge'
import type { YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { FieldOptions } from '../kustomization/types.ts'

/** Sets a field that was found: the whole of it, or one part between delimiters. */
export function setReplacement(options: FieldOptions, target: YamlNode, value: YamlNode): void {
  const { delimiter = '', index = 0 } = options
  const copy = value.copy()
  if (delimiter !== '') {
    if (target.kind !== 'scalar') {
      throw new KustomizeError('FIELD_INVALID', 'delimiter option can only be used with scalar nodes')
    }
    const parts = target.value.split(delimiter)
    const text = isMissingOrNull(value) ? '' : value.value
    if (index < 0) parts.unshift(text)
    else if (index >= parts.length) parts.push(text)
    else parts[index] = text
    copy.value = parts.join(delimiter)
  }
  if (target.kind === 'scalar') target.value = copy.value
  else target.assign(copy)
}
