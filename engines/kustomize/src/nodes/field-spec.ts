import { fieldOf, isMissingOrNull } from '@sluice/merge'
import type { YamlNode } from '@sluice/yaml'
import { KustomizeError } from '../errors.ts'
import { metadataText, textOf } from '../resource/metadata.ts'
import { formatId, parseGroupVersion } from '../resource/res-id.ts'
import { type CreatableKind, fieldOrCreate, lookup } from './lookup.ts'
import { splitPath } from './path.ts'

/** A field of some kinds, as in a transformer's configuration. `path` has `/` between fields and `[]` after lists. */
export type FieldSpec = {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly path: string
  readonly create?: boolean
}

/** What is made of a field that is missing and may be created. */
export type Creation = { readonly kind: CreatableKind; readonly tag: string }

/** `isName` tells a field's name from an index, `-` or an item selector. */
type Step = { readonly name: string; readonly isList: boolean; readonly isName: boolean }

const stepsByPath = new Map<string, readonly Step[]>()
/** Paths come from configuration, which may be hostile: no more than these are kept. */
const maxKeptPaths = 2_000

/**
 * Calls `visit` on every node at the path of `spec`. What is missing is created where the spec and `creation` allow
 * it. Whether the object is of the spec's kind is the caller's to know.
 *
 * @throws {KustomizeError} when the path goes through a scalar.
 * Source: kustomize, api/filters/fieldspec.
 */
export function visitField(
  root: YamlNode,
  spec: FieldSpec,
  visit: (node: YamlNode) => void,
  creation?: Creation,
): void {
  const steps = stepsOf(spec.path)
  try {
    walk(root, 0, { steps, visit, creation: spec.create ? creation : undefined, path: spec.path })
  } catch (cause) {
    const what = `considering field '${spec.path}' of object ${formatId(idOfNode(root))}`
    throw new KustomizeError('FIELD_INVALID', what, { cause })
  }
}

type Walk = {
  readonly steps: readonly Step[]
  readonly visit: (node: YamlNode) => void
  readonly creation: Creation | undefined
  readonly path: string
}

function walk(node: YamlNode, at: number, way: Walk): void {
  const step = way.steps[at]
  if (!step) return way.visit(node)
  if (node.tag === '!!null') return
  if (node.kind === 'sequence') {
    try {
      for (const item of node.content) walk(item, at, way)
    } catch (cause) {
      const rest = splitPath(way.path, '/').slice(at)
      throw new KustomizeError('FIELD_INVALID', `visit traversal on path: [${rest.join(' ')}]`, { cause })
    }
    return
  }
  if (node.kind !== 'mapping') {
    throw new KustomizeError('FIELD_INVALID', 'expected sequence or mapping node')
  }
  const field = enter(node, step, at, way)
  if (field) walk(field, at + 1, way)
}

function enter(node: YamlNode, step: Step, at: number, way: Walk): YamlNode | undefined {
  const { name } = step
  if (name === '') {
    throw new KustomizeError('FIELD_INVALID', 'cannot set or create an empty field name')
  }
  try {
    return findOrMake(node, step, at, way)
  } catch (cause) {
    throw new KustomizeError('FIELD_INVALID', `fieldName: ${name}`, { cause })
  }
}

function findOrMake(
  node: YamlNode,
  { name, isList, isName }: Step,
  at: number,
  { creation, steps }: Walk,
): YamlNode | undefined {
  if (!creation || isList) {
    const field = isName ? fieldOf(node, name) : lookup(node, [name])
    if (field?.tag === '!!null' && isList) makeEmpty(field, { kind: 'sequence', tag: '' })
    return field
  }
  const isLast = at === steps.length - 1
  const made: Creation = isLast ? creation : { kind: 'mapping', tag: '!!map' }
  const field = fieldOrCreate(node, name, made.kind)
  if (field && isMissingOrNull(field)) makeEmpty(field, made)
  return field
}

function idOfNode(node: YamlNode): Parameters<typeof formatId>[0] {
  const [name, namespace] = [metadataText(node, 'name'), metadataText(node, 'namespace')]
  return { ...parseGroupVersion(textOf(node, 'apiVersion')), kind: textOf(node, 'kind'), name, namespace }
}

function makeEmpty(node: YamlNode, { kind, tag }: Creation): void {
  if (kind === 'scalar') {
    node.kind = kind
    node.tag = tag
  } else {
    node.becomeCollection(kind, tag)
  }
}

function stepsOf(path: string): readonly Step[] {
  const known = stepsByPath.get(path)
  if (known) return known
  const steps = splitPath(path, '/').map((part) => {
    const isList = part.endsWith('[]')
    const name = isList ? part.slice(0, -2) : part
    return { name, isList, isName: /^[A-Za-z$_]\S*$/.test(name) }
  })
  if (stepsByPath.size >= maxKeptPaths) stepsByPath.clear()
  stepsByPath.set(path, steps)
  return steps
}
