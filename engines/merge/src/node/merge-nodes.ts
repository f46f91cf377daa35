import { type NodeStyle, YamlNode } from '@sluice/yaml'
import { commentSchema } from './comment-schema.ts'
import { takeDirective } from './directive.ts'
import { NodeMergeError, wrongKindMessage } from './errors.ts'
import { fieldOf, isMissingOrNull, isNull, keyIndex } from './fields.ts'
import { mergeList } from './merge-list.ts'
import { fieldSchema, isMergedList, itemSchema, type NodeSchema, type NodeSchemas } from './schema.ts'
import { setField } from './set-field.ts'

/** How trees are merged. */
export type MergeOptions = {
  readonly schemas: NodeSchemas
  /** Where items of a merged list go that only the patch has. Default: `last`. */
  readonly newItems?: 'first' | 'last'
}

/**
 * Merges `patch` into `target` by the schema of its kind, and returns the result: nodes of both, the target changed in
 * place, or nothing where the patch says so. `patch` is used up: give a copy of what is needed again.
 *
 * @throws {NodeMergeError} when a mapping, list or scalar meets another kind of node.
 * Source: kyaml v0.21, yaml/merge2 and yaml/walk.
 */
export function mergeNodes(
  target: YamlNode | undefined,
  patch: YamlNode | undefined,
  { schemas, newItems = 'last' }: MergeOptions,
): YamlNode | undefined {
  return new NodeMerger(schemas, newItems).merge(target, patch, undefined)
}

class NodeMerger {
  private readonly schemas: NodeSchemas
  private readonly newItems: 'first' | 'last'
  /** Nulls that stay although the patch says nothing of them. */
  private readonly kept = new WeakSet<YamlNode>()

  constructor(schemas: NodeSchemas, newItems: 'first' | 'last') {
    this.schemas = schemas
    this.newItems = newItems
  }

  merge(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    given: NodeSchema | undefined,
  ): YamlNode | undefined {
    const schema = this.schemaOf(target, patch, given)
    const kind = kindOf(target) ?? kindOf(patch)
    if (kind !== undefined) expectKind(kind, target, patch)
    takeComments(target, patch)
    switch (kind) {
      case undefined:
      case 'mapping':
        return this.mergeMappings(target, patch, schema)
      case 'sequence':
        if (schema && isMergedList(schema)) return this.mergeLists(target, patch, schema)
        return patch ?? target
      case 'scalar':
        return patch ?? target
      case 'alias':
      case 'document':
        return undefined
    }
  }

  private mergeMappings(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    schema: NodeSchema | undefined,
  ): YamlNode | undefined {
    const into = this.chooseMapping(target, patch)
    if (!into || into.kind !== 'mapping') return into
    for (const name of fieldNames(into, patch)) {
      this.mergeField(into, patch, { name, schema })
    }
    return into
  }

  private mergeField(
    into: YamlNode,
    patch: YamlNode | undefined,
    { name, schema }: { name: string; schema: NodeSchema | undefined },
  ): void {
    const ofKind = schema && fieldSchema(schema, name, this.schemas)
    const commented = this.fieldCommentSchema(into, name) ?? (patch && this.fieldCommentSchema(patch, name))
    const value = this.merge(fieldOf(into, name), fieldOf(patch, name), commented ?? ofKind)
    const keepNull = value !== undefined && this.kept.has(value)
    setField(into, name, value, { keepNull, keyStyle: keyStyle(patch, name) })
  }

  /** The mapping that goes on: the target, the patch where there is no target or it says to replace, or none. */
  private chooseMapping(target: YamlNode | undefined, patch: YamlNode | undefined): YamlNode | undefined {
    if (!target || isNull(target)) {
      if (takeDirective(patch) === 'delete') return undefined
      return patch ?? this.keepNull(target)
    }
    return this.choose(target, patch)
  }

  private choose(target: YamlNode, patch: YamlNode | undefined): YamlNode | undefined {
    if (isNull(patch)) return undefined
    switch (takeDirective(patch)) {
      case 'delete':
        return undefined
      case 'replace':
        return patch
      case 'merge':
        return target
    }
  }

  /** A null that is written out stays where the patch has nothing. */
  private keepNull(target: YamlNode | undefined): YamlNode | undefined {
    if (!target || target.value === '') return undefined
    const node = new YamlNode('scalar', '!!null', target.value)
    this.kept.add(node)
    return node
  }

  private mergeLists(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    schema: NodeSchema,
  ): YamlNode | undefined {
    const into = !target || isNull(target) ? patch : this.choose(target, patch)
    if (!into) return undefined
    const items = itemSchema(schema, this.schemas)
    return mergeList(into, patch, {
      keys: schema.k ?? [],
      newItems: this.newItems,
      mergeItem: (item, patchItem) => this.merge(item, patchItem, items),
    })
  }

  private schemaOf(
    target: YamlNode | undefined,
    patch: YamlNode | undefined,
    given: NodeSchema | undefined,
  ): NodeSchema | undefined {
    const sources = [target, patch].filter((it) => it !== undefined && !isMissingOrNull(it))
    for (const it of sources) {
      const commented = it && commentSchema(it, this.schemas)
      if (commented) return commented
    }
    if (given) return given
    for (const it of sources) {
      const kind = fieldOf(it, 'kind')?.value ?? ''
      const apiVersion = fieldOf(it, 'apiVersion')?.value ?? ''
      if (kind === '' || apiVersion === '') continue
      const schema = this.schemas.kind(apiVersion, kind)
      if (schema) return schema
    }
    return undefined
  }

  private fieldCommentSchema(node: YamlNode, name: string): NodeSchema | undefined {
    const at = keyIndex(node, name)
    const [key, value] = [node.content[at], node.content[at + 1]]
    if (at < 0 || !key || !value) return undefined
    return commentSchema(value, this.schemas) ?? commentSchema(key, this.schemas)
  }
}

function kindOf(node: YamlNode | undefined): YamlNode['kind'] | undefined {
  return isMissingOrNull(node) ? undefined : node?.kind
}

function expectKind(kind: YamlNode['kind'], ...nodes: readonly (YamlNode | undefined)[]): void {
  for (const node of nodes) {
    if (node && !isMissingOrNull(node) && node.kind !== kind) {
      throw new NodeMergeError('MERGE_KIND_MISMATCH', wrongKindMessage(node, kind))
    }
  }
}

function takeComments(target: YamlNode | undefined, patch: YamlNode | undefined): void {
  if (!target || !patch || target === patch) return
  if (patch.footComment !== '') target.footComment = patch.footComment
  if (patch.headComment !== '') target.headComment = patch.headComment
  if (patch.lineComment !== '') target.lineComment = patch.lineComment
  if (target.kind !== 'scalar' && target.content.length === 0) target.style = patch.style
}

/** Names of the fields of both, in byte order. */
function fieldNames(a: YamlNode, b: YamlNode | undefined): string[] {
  const names = new Set<string>()
  for (const { content, kind } of b && b !== a ? [a, b] : [a]) {
    if (kind !== 'mapping') continue
    for (let i = 0; i < content.length; i += 2) names.add(content[i]?.value ?? '')
  }
  return [...names].toSorted()
}

function keyStyle(node: YamlNode | undefined, name: string): NodeStyle {
  return (node && node.content[keyIndex(node, name)]?.style) ?? 'plain'
}
