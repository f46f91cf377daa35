import { type GoValue, quote } from '@sluice/go'
import { SchemaError } from '../schema-error.ts'
import type { Dialect, Draft } from './draft.ts'
import { below } from './pointer.ts'
import { joinReference, locationText, type Reference, splitReference } from './uri.ts'

/** A part of a document that has an address of its own, such as the whole. */
export type SchemaResource = {
  readonly pointer: string
  readonly id: string
  readonly dialect: Dialect
  /** Pointers by the names that `$anchor` and the like give. */
  readonly anchors: Map<string, string>
  /** Those of the names that `$dynamicAnchor` gives. */
  readonly dynamicAnchors: Set<string>
}

/** Tells the dialect that a schema's `$schema` asks for. */
export type DialectOf = (schema: GoValue, place: SchemaPlace, fallback: Dialect) => Dialect
export type SchemaPlace = { readonly url: string; readonly pointer: string }

/** A document with its resources and anchors. */
export class SchemaRoot {
  readonly url: string
  readonly document: GoValue
  readonly resources: Map<string, SchemaResource> = new Map()
  readonly #dialectOf: DialectOf
  readonly #byId = new Map<string, SchemaResource>()
  /** Pointers of the schemas that were found so far. */
  readonly #seen = new Set<string>()

  constructor(url: string, document: GoValue, dialectOf: DialectOf) {
    this.url = url
    this.document = document
    this.#dialectOf = dialectOf
  }

  /** Whether there is known to be a schema at a place. */
  has(pointer: string): boolean {
    return this.#seen.has(pointer)
  }

  /** The resource that a place is part of. */
  resourceAt(pointer: string): SchemaResource {
    for (let it = pointer; ; it = it.slice(0, it.lastIndexOf('/'))) {
      const resource = this.resources.get(it)
      if (resource) return resource
      if (it === '') throw new SchemaError(`${quote(this.url)} has no schema`)
    }
  }

  /** Where a reference leads to in this document; `undefined` when it means another one. @throws {SchemaError} */
  resolve({ url, fragment }: Reference): string | undefined {
    const resource = url === this.url ? this.resources.get('') : this.#byId.get(url)
    return resource && this.pointerIn(resource, fragment)
  }

  /** @throws {SchemaError} when there is no such anchor */
  pointerIn(resource: SchemaResource, fragment: string): string {
    if (fragment === '' || fragment.startsWith('/')) return resource.pointer + fragment
    const pointer = resource.anchors.get(fragment)
    if (pointer !== undefined) return pointer
    const reference = locationText(resource.id, fragment)
    throw new SchemaError(`anchor in ${quote(reference)} not found in schema ${quote(this.url)}`)
  }

  /** Finds the resources and anchors of a schema and of those in it. @throws {SchemaError} */
  collect(schema: GoValue, pointer: string, fallback: { base: string; dialect: Dialect }): void {
    if (this.#seen.has(pointer)) return
    if (schema instanceof Map) this.#collectObject(schema, pointer, fallback)
    else if (pointer === '') this.#add({ pointer, id: fallback.base, dialect: fallback.dialect })
    this.#seen.add(pointer)
  }

  #collectObject(
    schema: ReadonlyMap<string, GoValue>,
    pointer: string,
    { base, dialect }: { base: string; dialect: Dialect },
  ): void {
    const place = { url: this.url, pointer }
    const own = this.#dialectOf(schema as GoValue, place, dialect)
    const ownId = idOf(schema, own.draft)
    // What has no id is not a resource, and cannot have a dialect of its own.
    const isResource = ownId !== '' || pointer === ''
    const used = isResource ? own : dialect
    const id = isResource ? ownId : idOf(schema, dialect.draft)
    const address = id === '' ? base : this.#idAt(id, base, pointer)
    if (id !== '' || pointer === '') this.#add({ pointer, id: address, dialect: used })
    const resource = this.#byId.get(address)
    if (!resource) throw new SchemaError(`${quote(address)} has no schema`)
    this.#collectAnchors(schema, pointer, resource)
    for (const [at, value] of subschemasOf(schema, pointer, used.draft)) {
      this.collect(value, at, { base: address, dialect: resource.dialect })
    }
  }

  #idAt(id: string, base: string, pointer: string): string {
    try {
      return joinReference(base, id).url
    } catch (cause) {
      throw new SchemaError(`error in parsing id at ${quote(locationText(this.url, pointer))}`, { cause })
    }
  }

  #add({ pointer, id, dialect }: Pick<SchemaResource, 'pointer' | 'id' | 'dialect'>): void {
    const known = this.#byId.get(id)
    if (known && known.pointer !== pointer) {
      throw new SchemaError(
        `duplicate id ${quote(id)} in ${quote(this.url)} at ${quote(pointer)} and ${quote(known.pointer)}`,
      )
    }
    if (known) return
    const resource = {
      pointer,
      id,
      dialect,
      anchors: new Map<string, string>(),
      dynamicAnchors: new Set<string>(),
    }
    this.#byId.set(id, resource)
    this.resources.set(pointer, resource)
  }

  #collectAnchors(schema: ReadonlyMap<string, GoValue>, pointer: string, resource: SchemaResource): void {
    const { version, idKeyword } = resource.dialect.draft
    if (version < 2019) {
      const id = schema.get(idKeyword)
      if (schema.has('$ref') || typeof id !== 'string') return
      const fragment = this.#anchorOf(id, pointer)
      if (fragment !== '' && !fragment.startsWith('/')) this.#addAnchor(fragment, pointer, resource)
      return
    }
    const anchor = schema.get('$anchor')
    if (typeof anchor === 'string') this.#addAnchor(anchor, pointer, resource)
    const dynamic = version >= 2020 ? schema.get('$dynamicAnchor') : undefined
    if (typeof dynamic !== 'string') return
    this.#addAnchor(dynamic, pointer, resource)
    resource.dynamicAnchors.add(dynamic)
  }

  #anchorOf(id: string, pointer: string): string {
    try {
      return splitReference(id).fragment
    } catch (cause) {
      throw new SchemaError(`error in parsing anchor at ${quote(locationText(this.url, pointer))}`, { cause })
    }
  }

  #addAnchor(name: string, pointer: string, { anchors }: SchemaResource): void {
    const known = anchors.get(name)
    if (known !== undefined && known !== pointer) {
      throw new SchemaError(
        `duplicate anchor ${quote(name)} in ${quote(this.url)} at ${quote(known)} and ${quote(pointer)}`,
      )
    }
    anchors.set(name, pointer)
  }
}

/** The address that a schema gives itself; its fragment does not belong to it. */
function idOf(schema: ReadonlyMap<string, GoValue>, { version, idKeyword }: Draft): string {
  // Up to draft 7 nothing counts beside a reference.
  if (version < 2019 && schema.has('$ref')) return ''
  const id = schema.get(idKeyword)
  return typeof id === 'string' ? id.replace(/#.*$/s, '') : ''
}

function* subschemasOf(
  schema: ReadonlyMap<string, GoValue>,
  pointer: string,
  { subschemas }: Draft,
): Generator<readonly [string, GoValue]> {
  for (const { keyword, inside } of subschemas) {
    const value = schema.get(keyword)
    if (value === undefined) continue
    if (inside === 'itself') {
      yield [below(pointer, keyword), value]
    } else if (inside === 'members' && value instanceof Map) {
      for (const [name, item] of value) yield [below(pointer, keyword, name), item]
    } else if (inside === 'items' && Array.isArray(value)) {
      for (const [index, item] of (value as readonly GoValue[]).entries()) {
        yield [below(pointer, keyword, String(index)), item]
      }
    }
  }
}
