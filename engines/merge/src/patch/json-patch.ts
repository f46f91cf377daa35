import type { JsonValue } from '@sluice/ports'
import { fieldOf, isList, isObject, jsonEqual, setField } from './json-values.ts'
import { PatchError } from './patch-error.ts'

/** The API server refuses more operations than this in one patch. */
export const maxJsonPatchOperations = 10_000
const maxCopiedNodes = 1_000_000

type Operation = {
  readonly op: string
  readonly path: readonly string[]
  readonly from: readonly string[]
  readonly value: JsonValue | undefined
}

/**
 * Applies a JSON patch. Neither argument is changed; parts that stay are shared with the result.
 *
 * As the library in Kubernetes does it, `remove` of what is not there fails, and `add` beyond a list's end fails;
 * `replace` of a field that is not there adds it.
 *
 * Source: RFC 6902.
 * @throws {PatchError} when an operation is malformed or cannot be done.
 */
export function jsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isList(patch)) throw new PatchError('PATCH_INVALID', 'a JSON patch is a list of operations')
  if (patch.length > maxJsonPatchOperations) {
    throw new PatchError(
      'PATCH_TOO_LARGE',
      `The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${patch.length}`,
    )
  }
  const budget = { copied: 0 }
  let result = document
  for (const item of patch) result = applyOperation(result, decodeOperation(item), budget)
  return result
}

function decodeOperation(item: JsonValue): Operation {
  if (!isObject(item) || typeof item.op !== 'string' || typeof item.path !== 'string') {
    throw new PatchError('PATCH_INVALID', 'an operation of a JSON patch needs an op and a path')
  }
  const { op, from } = item
  return {
    op,
    path: pointer(item.path),
    from: typeof from === 'string' ? pointer(from) : [],
    value: fieldOf(item, 'value'),
  }
}

function applyOperation(document: JsonValue, operation: Operation, budget: { copied: number }): JsonValue {
  const { op, path, from, value } = operation
  switch (op) {
    case 'add':
      return edit(document, path, { kind: 'add', value: value ?? null })
    case 'remove':
      return edit(document, path, { kind: 'remove' })
    case 'replace':
      return edit(document, path, { kind: 'replace', value: value ?? null })
    case 'move': {
      const moved = valueAt(document, from)
      return edit(edit(document, from, { kind: 'remove' }), path, { kind: 'add', value: moved })
    }
    case 'copy': {
      const copied = valueAt(document, from)
      // Copying what was copied doubles the size each time.
      budget.copied += countNodes(copied, maxCopiedNodes)
      if (budget.copied > maxCopiedNodes) throw new PatchError('PATCH_TOO_LARGE', 'the patch copies too much')
      return edit(document, path, { kind: 'add', value: copied })
    }
    case 'test':
      return test(document, path, value)
    default:
      throw new PatchError('PATCH_INVALID', `Unexpected kind: ${op}`)
  }
}

function test(document: JsonValue, path: readonly string[], value: JsonValue | undefined): JsonValue {
  const found = find(document, path)
  if (jsonEqual(found ?? null, value ?? null)) return document
  throw new PatchError('PATCH_NOT_APPLICABLE', `testing value /${path.join('/')} failed`)
}

type Edit = { readonly kind: 'add' | 'replace'; readonly value: JsonValue } | { readonly kind: 'remove' }

function edit(container: JsonValue, path: readonly string[], change: Edit): JsonValue {
  const [name, ...rest] = path
  if (name === undefined) {
    if (change.kind === 'remove') throw missing(path)
    return change.value
  }
  if (isList(container)) return editList(container, [name, ...rest], change)
  if (!isObject(container)) throw missing(path)
  const current = fieldOf(container, name)
  if (current === undefined && (rest.length > 0 || change.kind === 'remove')) throw missing(path)
  const result = { ...container }
  if (rest.length > 0) setField(result, name, edit(current ?? null, rest, change))
  else if (change.kind === 'remove') delete result[name]
  else setField(result, name, change.value)
  return result
}

function editList(list: readonly JsonValue[], path: readonly string[], change: Edit): JsonValue {
  const [name = '', ...rest] = path
  const inserts = rest.length === 0 && change.kind === 'add'
  // An insertion counts from behind the place that it makes: -1 is the end.
  const length = inserts ? list.length + 1 : list.length
  const index = inserts && name === '-' ? list.length : listIndex(name, length, path)
  if (index > list.length || (!inserts && index === list.length)) throw missing(path)
  const result = [...list]
  if (rest.length > 0) result[index] = edit(list[index] ?? null, rest, change)
  else if (change.kind === 'remove') result.splice(index, 1)
  else result.splice(index, change.kind === 'add' ? 0 : 1, change.value)
  return result
}

function listIndex(name: string, length: number, path: readonly string[]): number {
  // Negative indices count from the end: the library in Kubernetes has them on.
  if (!/^-?\d{1,9}$/.test(name)) throw missing(path)
  const index = Number(name)
  const real = index < 0 ? index + length : index
  if (real < 0) throw missing(path)
  return real
}

function valueAt(document: JsonValue, path: readonly string[]): JsonValue {
  const found = find(document, path)
  if (found === undefined) throw missing(path)
  return found
}

function find(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let current: JsonValue | undefined = document
  for (const name of path) {
    if (isList(current)) {
      current = /^-?\d{1,9}$/.test(name) ? current.at(Number(name)) : undefined
    } else if (isObject(current)) {
      current = fieldOf(current, name)
    } else {
      return undefined
    }
  }
  return current
}

function pointer(text: string): readonly string[] {
  if (text === '') return []
  if (!text.startsWith('/')) throw new PatchError('PATCH_INVALID', `path ${text} does not begin with a slash`)
  return text
    .slice(1)
    .split('/')
    .map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function missing(path: readonly string[]): PatchError {
  return new PatchError('PATCH_NOT_APPLICABLE', `there is nothing at /${path.join('/')}`)
}

function countNodes(value: JsonValue, limit: number): number {
  let count = 0
  const open: JsonValue[] = [value]
  for (let next = open.pop(); next !== undefined && count <= limit; next = open.pop()) {
    count += 1
    if (isList(next)) open.push(...next)
    else if (isObject(next)) for (const item of Object.values(next)) open.push(item ?? null)
  }
  return count
}
