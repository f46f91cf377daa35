import type { YamlNode } from '@sluice/yaml'
import { NodeMergeError } from './errors.ts'
import { fieldOf, removeField } from './fields.ts'
import { setElement } from './list.ts'

/** What a patch says to do with what it meets. */
export type Directive = 'merge' | 'replace' | 'delete'

const directiveKey = '$patch'

/**
 * The `$patch` directive of a mapping, or of a list in an item of its own, which is taken out of the patch.
 *
 * @throws {NodeMergeError} for a directive that does not exist.
 */
export function takeDirective(patch: YamlNode | undefined): Directive {
  if (patch?.kind === 'mapping') return takeMappingDirective(patch)
  if (patch?.kind === 'sequence') return takeListDirective(patch)
  return 'merge'
}

function takeMappingDirective(patch: YamlNode): Directive {
  const value = fieldOf(patch, directiveKey)
  if (!value || value.tag === '!!null') return 'merge'
  const directive = parseDirective(value.value)
  removeField(patch, directiveKey)
  return directive
}

function takeListDirective(patch: YamlNode): Directive {
  const item = patch.content.find((it) => fieldOf(it, directiveKey) !== undefined)
  if (!item || item.content.length > 2) return 'merge'
  const value = fieldOf(item, directiveKey)?.value ?? ''
  const directive = parseDirective(value)
  setElement(patch, undefined, [directiveKey], [value])
  return directive
}

function parseDirective(text: string): Directive {
  if (text === 'merge' || text === 'replace' || text === 'delete') return text
  throw new NodeMergeError('MERGE_DIRECTIVE', `unknown patch strategy '${text}'`)
}
