import type { PlainValue } from '@sluice/yaml'
import { JsonPatchError } from './json-patch-error.ts'

/** One step of a JSON patch (RFC 6902). */
export type JsonPatchOperation = {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: PlainValue
}

type JsonObject = { [key: string]: PlainValue }
type Container = JsonObject | PlainValue[]

/**
 * Takes operations from what a patch file holds.
 *
 * @throws {JsonPatchError} when it is no list of objects, each with `op` and `path`.
 */
export function decodeJsonPatch(value: PlainValue): readonly JsonPatchOperation[] {
  if (!Array.isArray(value)) throw new JsonPatchError('a JSON patch is a list of operations')
  return value.map((it, i) => {
    if (typeof it !== 'object' || it === null || Array.isArray(it)) {
      throw new JsonPatchError(`operation ${i} of a JSON patch is not an object`)
    }
    const { op, path, from } = it
    return {
      op: typeof op === 'string' ? op : '',
      path: typeof path === 'string' ? path : '\0',
      ...(typeof from === 'string' ? { from } : {}),
      ...(Object.hasOwn(it, 'value') ? { value: it['value'] ?? null } : {}),
    }
  })
}

/**
 * Applies operations to a document, which is changed in place, and returns it.
 *
 * Indexes below zero count from the end, as the library has it that kustomize uses (evanphx/json-patch v4).
 *
 * @throws {JsonPatchError} naming the operation and path that failed.
 */
export function applyJsonPatch(document: PlainValue, operations: readonly JsonPatchOperation[]): PlainValue {
  let root = document
  for (const operation of operations) root = apply(root, operation)
  return root
}

function apply(root: PlainValue, operation: JsonPatchOperation): PlainValue {
  const { op, path, value = null } = operation
  if (path === '\0') throw new JsonPatchError(`${op} operation has no path`)
  switch (op) {
    case 'add':
      return add(root, path, value)
    case 'remove':
      remove(root, path, op)
      return root
    case 'replace':
      return replace(root, path, value)
    case 'move': {
      const from = operation.from ?? ''
      const moved = get(root, from, op)
      remove(root, from, op)
      return add(root, path, moved)
    }
    case 'copy':
      return add(root, path, structuredClone(get(root, operation.from ?? '', op)))
    case 'test':
      if (!isEqual(find(root, path) ?? null, value)) throw new JsonPatchError(`testing value ${path} failed`)
      return root
    default:
      throw new JsonPatchError(`unexpected kind of operation: '${op}'`)
  }
}

function add(root: PlainValue, path: string, value: PlainValue): PlainValue {
  if (path === '') return value
  const { parent, key } = parentOf(root, path, 'add')
  if (!Array.isArray(parent)) {
    setOwn(parent, key, value)
  } else if (key === '-') {
    parent.push(value)
  } else {
    parent.splice(indexOf(key, parent.length + 1, path), 0, value)
  }
  return root
}

function remove(root: PlainValue, path: string, op: string): void {
  const { parent, key } = parentOf(root, path, op)
  if (Array.isArray(parent)) {
    parent.splice(indexOf(key, parent.length, path), 1)
  } else {
    if (!Object.hasOwn(parent, key)) throw new JsonPatchError(`${op}: there is nothing at '${path}'`)
    delete parent[key]
  }
}

function replace(root: PlainValue, path: string, value: PlainValue): PlainValue {
  if (path === '') return value
  const { parent, key } = parentOf(root, path, 'replace')
  if (Array.isArray(parent)) parent[indexOf(key, parent.length, path)] = value
  else if (Object.hasOwn(parent, key)) setOwn(parent, key, value)
  else throw new JsonPatchError(`replace operation does not apply: there is nothing at '${path}'`)
  return root
}

function get(root: PlainValue, path: string, op: string): PlainValue {
  const value = find(root, path)
  if (value === undefined) throw new JsonPatchError(`${op}: there is nothing at '${path}'`)
  return value
}

function find(root: PlainValue, path: string): PlainValue | undefined {
  if (path === '') return root
  const { parent, key } = parentOf(root, path, 'test')
  if (Array.isArray(parent)) return parent[indexOf(key, parent.length, path)]
  return Object.hasOwn(parent, key) ? parent[key] : undefined
}

function parentOf(root: PlainValue, path: string, op: string): { parent: Container; key: string } {
  const parts = path.split('/')
  const key = decodeKey(parts.at(-1) ?? '')
  let node: PlainValue | undefined = root
  for (const part of parts.slice(1, -1)) node = child(node, decodeKey(part))
  if (parts.length < 2 || typeof node !== 'object' || node === null) {
    throw new JsonPatchError(`${op} operation does not apply: the document has no path '${path}'`)
  }
  return { parent: node, key }
}

function child(node: PlainValue | undefined, key: string): PlainValue | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if (!Array.isArray(node)) return Object.hasOwn(node, key) ? node[key] : undefined
  if (!/^-?\d+$/.test(key)) return undefined
  const index = Number(key)
  return node[index < 0 ? node.length + index : index]
}

function indexOf(key: string, length: number, path: string): number {
  const index = /^[+-]?\d+$/.test(key) ? Number(key) : Number.NaN
  const fromStart = index < 0 ? index + length : index
  if (Number.isNaN(index) || fromStart < 0 || fromStart >= length) {
    throw new JsonPatchError(`unable to access invalid index '${key}' of '${path}'`)
  }
  return fromStart
}

function decodeKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

function setOwn(object: JsonObject, key: string, value: PlainValue): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
}

function isEqual(a: PlainValue, b: PlainValue): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((it, i) => isEqual(it, b[i] ?? null))
    )
  }
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key] ?? null, b[key] ?? null))
  )
}
