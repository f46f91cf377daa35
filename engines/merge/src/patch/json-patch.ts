import type { JsonValue } from '@sluice/ports'
import { fieldOf, isList, isObject, jsonEqual, type MutableObject, setField } from './json-values.ts'
import { PatchError, type PatchErrorCode } from './patch-error.ts'

/** The API server refuses more operations than this in one patch. */
export const maxJsonPatchOperations = 10_000
const maxCopiedNodes = 1_000_000

const operations = new Map<string, (document: JsonValue, operation: Operation) => JsonValue>([
  ['add', add],
  ['remove', remove],
  ['replace', replace],
  ['move', move],
  ['copy', copy],
  ['test', test],
])

type Operation = { readonly fields: JsonValue; readonly budget: { copied: number } }

/**
 * Applies a JSON patch. Neither argument is changed; parts that stay are shared with the result.
 *
 * As the library in Kubernetes does it, and with its messages: `remove` of what is not there fails, and `add` beyond a
 * list's end fails; `replace` of a field that is not there adds it; what stands before the first slash of a path is
 * left out; `copy` of what is not there adds null.
 *
 * Source: RFC 6902; messages of gopkg.in/evanphx/json-patch.v4.
 * @throws {PatchError} when an operation is malformed or cannot be done.
 */
export function jsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isList(patch)) throw notDecoded(patch, 'jsonpatch.Patch')
  if (patch.length > maxJsonPatchOperations) {
    throw new PatchError(
      'PATCH_TOO_LARGE',
      `The allowed maximum operations in a JSON patch is ${maxJsonPatchOperations}, got ${patch.length}`,
    )
  }
  for (const item of patch) if (!isObject(item)) throw notDecoded(item, 'jsonpatch.Operation')
  const budget = { copied: 0 }
  let result = document
  for (const fields of patch) {
    const kind = textOf(fields, 'op') ?? 'unknown'
    const apply = operations.get(kind)
    if (!apply) throw new PatchError('PATCH_INVALID', `Unexpected kind: ${kind}`)
    result = apply(result, { fields, budget })
  }
  return result
}

function add(document: JsonValue, { fields }: Operation): JsonValue {
  const path = textOf(fields, 'path')
  if (path === undefined) throw invalid('add operation failed to decode path: missing value')
  const nowhere = `add operation does not apply: doc is missing path: "${path}"`
  return change(document, path, { nowhere, failing: `error in add for path: '${path}'` }, (it, key) =>
    it.add(key, valueOf(fields) ?? null),
  )
}

function remove(document: JsonValue, { fields }: Operation): JsonValue {
  const path = textOf(fields, 'path')
  if (path === undefined) throw invalid('remove operation failed to decode path: missing value')
  const nowhere = `remove operation does not apply: doc is missing path: "${path}"`
  return change(document, path, { nowhere, failing: `error in remove for path: '${path}'` }, (it, key) =>
    it.remove(key),
  )
}

function replace(document: JsonValue, { fields }: Operation): JsonValue {
  const path = decodeText(fields, 'path', 'replace operation failed to decode path')
  const value = valueOf(fields) ?? null
  if (path === '') return isList(value) || isObject(value) ? value : document
  const nowhere = `replace operation does not apply: doc is missing path: ${path}`
  const failing = `replace operation does not apply: doc is missing key: ${path}`
  return change(document, path, { nowhere, failing, reason: 'missing value' }, (it, key) => {
    it.get(key)
    it.set(key, value)
  })
}

function move(document: JsonValue, { fields }: Operation): JsonValue {
  const from = decodeText(fields, 'from', 'move operation failed to decode from')
  const nowhere = `move operation does not apply: doc is missing from path: ${from}`
  let moved: JsonValue = null
  const without = change(
    document,
    from,
    { nowhere, failing: `error in move for path: '${lastKey(from)}'` },
    (it, key) => {
      moved = it.get(key) ?? null
      it.remove(key)
    },
  )
  const path = decodeText(fields, 'path', 'move operation failed to decode path')
  const noTarget = `move operation does not apply: doc is missing destination path: ${path}`
  return change(
    without,
    path,
    { nowhere: noTarget, failing: `error in move for path: '${path}'` },
    (it, key) => it.add(key, moved),
  )
}

function copy(document: JsonValue, { fields, budget }: Operation): JsonValue {
  const from = decodeText(fields, 'from', 'copy operation failed to decode from')
  const place = containerAt(document, from)
  if (!place) {
    throw notApplicable(`copy operation does not apply: doc is missing from path: ${from}: missing value`)
  }
  const copied = during(`error in copy for from: '${from}'`, () => place.container.get(place.key)) ?? null
  const path = textOf(fields, 'path')
  if (path === undefined) throw invalid('copy operation failed to decode path: missing value')
  // Copying what was copied doubles the size each time.
  budget.copied += countNodes(copied, maxCopiedNodes)
  if (budget.copied > maxCopiedNodes) throw new PatchError('PATCH_TOO_LARGE', 'the patch copies too much')
  const nowhere = `copy operation does not apply: doc is missing destination path: ${path}`
  return change(document, path, { nowhere, failing: 'error while adding value during copy' }, (it, key) =>
    it.add(key, copied),
  )
}

function test(document: JsonValue, { fields }: Operation): JsonValue {
  const path = decodeText(fields, 'path', 'test operation failed to decode path')
  const value = valueOf(fields) ?? null
  let found: JsonValue = document
  if (path !== '') {
    const place = containerAt(document, path)
    if (!place) throw notApplicable(`test operation does not apply: is missing path: ${path}: missing value`)
    found = during(`error in test for path: '${path}'`, () => place.container.get(place.key)) ?? null
  }
  if (jsonEqual(found, value)) return document
  throw notApplicable(`testing value ${path} failed: test failed`)
}

/** How an operation says that the container of its target is not there, or that the target cannot be changed. */
type Wording = { readonly nowhere: string; readonly failing: string; readonly reason?: string }

/** The document with the container of a path's last part changed. */
function change(
  document: JsonValue,
  path: string,
  { nowhere, failing, reason }: Wording,
  alter: (container: Container, key: string) => void,
): JsonValue {
  const place = containerAt(document, path)
  if (!place) throw notApplicable(`${nowhere}: missing value`)
  during(failing, () => alter(place.container, place.key), reason)
  return place.rebuild(place.container.value)
}

type Place = {
  readonly container: Container
  readonly key: string
  /** The document with another value in the container's place. */
  readonly rebuild: (value: JsonValue) => JsonValue
}

function containerAt(document: JsonValue, path: string): Place | undefined {
  const parts = path.split('/').map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (parts.length < 2) return undefined
  const parents: { readonly container: Container; readonly key: string }[] = []
  let container = containerOf(document)
  for (const key of parts.slice(1, -1)) {
    if (!container) return undefined
    const next: Container | undefined = containerOf(container.peek(key))
    parents.push({ container, key })
    container = next
  }
  if (!container) return undefined
  const rebuild = (value: JsonValue): JsonValue => {
    let built = value
    for (const parent of parents.toReversed()) {
      parent.container.set(parent.key, built)
      built = parent.container.value
    }
    return built
  }
  return { container, key: parts.at(-1) ?? '', rebuild }
}

/** A list or object whose first change makes a copy. Failures are the reasons that the library gives. */
interface Container {
  readonly value: JsonValue
  /** What is at `key`; nothing, too, where `key` cannot be. */
  peek(key: string): JsonValue | undefined
  get(key: string): JsonValue | undefined
  set(key: string, value: JsonValue): void
  add(key: string, value: JsonValue): void
  remove(key: string): void
}

function containerOf(value: JsonValue | undefined): Container | undefined {
  if (isList(value)) return new ListContainer(value)
  return isObject(value) ? new ObjectContainer(value) : undefined
}

class ObjectContainer implements Container {
  value: MutableObject & { readonly [key: string]: JsonValue }

  constructor(value: { readonly [key: string]: JsonValue | undefined }) {
    this.value = value as MutableObject & { readonly [key: string]: JsonValue }
  }

  peek(key: string): JsonValue | undefined {
    return fieldOf(this.value, key)
  }

  get(key: string): JsonValue | undefined {
    return this.peek(key)
  }

  set(key: string, value: JsonValue): void {
    this.value = { ...this.value }
    setField(this.value, key, value)
  }

  add(key: string, value: JsonValue): void {
    this.set(key, value)
  }

  remove(key: string): void {
    if (this.peek(key) === undefined) {
      throw notApplicable(`Unable to remove nonexistent key: ${key}: missing value`)
    }
    this.value = { ...this.value }
    delete this.value[key]
  }
}

class ListContainer implements Container {
  value: readonly JsonValue[]

  constructor(value: readonly JsonValue[]) {
    this.value = value
  }

  peek(key: string): JsonValue | undefined {
    return /^[+-]?\d{1,9}$/.test(key) ? this.value.at(Number(key)) : undefined
  }

  get(key: string): JsonValue | undefined {
    return this.value[indexIn(key, this.value.length)]
  }

  set(key: string, value: JsonValue): void {
    this.value = this.value.with(indexIn(key, this.value.length), value)
  }

  add(key: string, value: JsonValue): void {
    const { length } = this.value
    // An insertion counts from behind the place that it makes: -1 is the end.
    const at =
      key === '-'
        ? length
        : during(isNumber(key) ? '' : `value was not a proper array index: '${key}'`, () =>
            indexIn(key, length + 1),
          )
    this.value = this.value.toSpliced(at, 0, value)
  }

  remove(key: string): void {
    this.value = this.value.toSpliced(indexIn(key, this.value.length), 1)
  }
}

/** Negative indices count from the end: the library in Kubernetes has them on. */
function indexIn(key: string, length: number): number {
  if (!isNumber(key)) throw notApplicable(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`)
  const index = Number(key)
  if (index >= length || index < -length) {
    throw notApplicable(`Unable to access invalid index: ${index}: invalid index referenced`)
  }
  return index < 0 ? index + length : index
}

function isNumber(key: string): boolean {
  return /^[+-]?\d{1,15}$/.test(key)
}

/** Puts what failed before the reason, which `reason` replaces. */
function during<T>(failing: string, step: () => T, reason?: string): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof PatchError) || failing === '') throw error
    throw new PatchError(error.code as PatchErrorCode, `${failing}: ${reason ?? error.message}`)
  }
}

function lastKey(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
}

function valueOf(fields: JsonValue): JsonValue | undefined {
  return isObject(fields) ? fieldOf(fields, 'value') : undefined
}

function textOf(fields: JsonValue, name: string): string | undefined {
  const value = isObject(fields) ? fieldOf(fields, name) : undefined
  return typeof value === 'string' ? value : undefined
}

function decodeText(fields: JsonValue, name: 'path' | 'from', failing: string): string {
  const text = textOf(fields, name)
  if (text !== undefined) return text
  const value = isObject(fields) ? (fieldOf(fields, name) ?? null) : null
  if (value !== null) throw invalid(`${failing}: ${notDecoded(value, 'string').message}`)
  const what = name === 'path' ? 'operation missing path field' : 'operation, missing from field'
  throw invalid(`${failing}: ${what}: missing value`)
}

function notDecoded(value: JsonValue, type: string): PatchError {
  const name = isList(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return invalid(`json: cannot unmarshal ${name} into Go value of type ${type}`)
}

function invalid(message: string): PatchError {
  return new PatchError('PATCH_INVALID', message)
}

function notApplicable(message: string): PatchError {
  return new PatchError('PATCH_NOT_APPLICABLE', message)
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
