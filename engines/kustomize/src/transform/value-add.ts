import { setScalar } from '@sluice/merge'
import { plainScalar } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import type { Selector } from '../kustomization/types.ts'
import { expectKind, lookupOrCreate } from '../nodes/lookup.ts'
import { splitPath } from '../nodes/path.ts'
import type { Resource } from '../resource/resource.ts'
import { selectResources } from '../select/selector.ts'
import { setNamespaces } from './namespace.ts'
import type { Transformer } from './transformer.ts'

/** Where a value goes: a field, or one part of a file path in it, counted from 1. */
export type ValueTarget = {
  readonly selector?: Selector
  readonly fieldPath?: string
  readonly filePathPosition?: number
}

/** Puts a value into fields, made if they are missing. */
export function valueAddTransformer(value: string, targets: readonly ValueTarget[]): Transformer {
  if (targets.length === 0) throw new KustomizeError('PLUGIN_INVALID', 'must specify at least one target')
  for (const { fieldPath = '', filePathPosition = 0 } of targets) {
    if (fieldPath === '') throw new KustomizeError('PLUGIN_INVALID', 'fieldPath cannot be empty')
    if (filePathPosition < 0) {
      throw new KustomizeError(
        'PLUGIN_INVALID',
        `value of FilePathPosition (${filePathPosition}) cannot be negative`,
      )
    }
  }
  return (resources) => {
    for (const target of targets) {
      const selected = target.selector ? selectResources(resources.all, target.selector) : resources.all
      for (const it of selected) addValue(it, value, target)
    }
    resources.changed()
  }
}

function addValue(resource: Resource, value: string, target: ValueTarget): void {
  const { fieldPath = '', filePathPosition = 0 } = target
  if (fieldPath === 'metadata/namespace') {
    setNamespaces(resource, { namespace: value, fieldSpecs: [] })
    return
  }
  const node = lookupOrCreate(resource.node, splitPath(fieldPath, '/'), 'scalar')
  if (!node) return
  expectKind(node, 'scalar')
  const text = filePathPosition > 0 ? insertPart(node.value, filePathPosition - 1, value) : value
  setScalar(node, plainScalar(text))
}

/** Puts a part into a file path; past its end it goes last. */
function insertPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith('/')
  const parts = path.split('/').filter((it) => it !== '')
  parts.splice(Math.min(position, parts.length), 0, part)
  return `${absolute ? '/' : ''}${parts.join('/')}`
}
