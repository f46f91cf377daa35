import { compileRegexp, type GoRegexp } from '@sluice/go'
import { ToolkitError } from '@sluice/ports'

/** A schema as JSON gives it: an object, or a yes or no to everything. */
export type Schema = boolean | ReadonlyMap<string, unknown>

/** The rules of one draft that matter to us. */
export type Draft = 4 | 6 | 7 | 2019 | 2020

/** A schema that cannot be used at all. */
export class SchemaError extends ToolkitError {
  override readonly name = 'SchemaError'

  constructor(message: string) {
    super('CHART_SCHEMA', message)
  }
}

const maxReferenceDepth = 100

/** A whole document with its definitions. */
export class SchemaDocument {
  readonly root: Schema
  readonly draft: Draft
  readonly #patterns = new Map<string, GoRegexp>()
  readonly #anchors = new Map<string, Schema>()

  constructor(root: unknown) {
    if (!isSchema(root)) throw new SchemaError('the schema is neither an object nor a boolean')
    this.root = root
    this.draft = draftOf(root)
    this.#collectAnchors(root, 0)
  }

  /**
   * The schema that a reference within the document means.
   *
   * @throws {SchemaError} for other documents: a chart's values are nobody's reason to reach for the network.
   */
  resolve(reference: string): Schema {
    const hash = reference.indexOf('#')
    const base = hash < 0 ? reference : reference.slice(0, hash)
    const fragment = hash < 0 ? '' : decodeURIComponent(reference.slice(hash + 1))
    const id = this.root instanceof Map ? this.root.get('$id') : undefined
    if (base !== '' && base !== id) {
      const named = this.#anchors.get(base)
      if (named !== undefined && fragment === '') return named
      throw new SchemaError(
        `failing loading ${JSON.stringify(base)}: references to other documents are not followed`,
      )
    }
    if (fragment === '') return this.root
    const found = fragment.startsWith('/') ? this.#at(fragment) : this.#anchors.get(`#${fragment}`)
    if (found === undefined) {
      throw new SchemaError(`json-pointer in "file:///values.schema.json#${fragment}" not found`)
    }
    return found
  }

  /** A pattern, compiled once. @throws {SchemaError} */
  pattern(text: string): GoRegexp {
    const known = this.#patterns.get(text)
    if (known) return known
    try {
      const compiled = compileRegexp(text)
      this.#patterns.set(text, compiled)
      return compiled
    } catch (cause) {
      throw new SchemaError(
        `${JSON.stringify(text)} is not valid regex: ${cause instanceof Error ? cause.message : ''}`,
      )
    }
  }

  #at(pointer: string): Schema | undefined {
    let current: unknown = this.root
    for (const part of pointer.slice(1).split('/')) {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (current instanceof Map) current = current.get(name)
      else if (Array.isArray(current)) current = current[Number(name)]
      else return undefined
    }
    return isSchema(current) ? current : undefined
  }

  #collectAnchors(value: unknown, depth: number): void {
    if (depth > maxReferenceDepth) throw new SchemaError('the schema nests too deeply')
    if (Array.isArray(value)) for (const item of value) this.#collectAnchors(item, depth + 1)
    if (!(value instanceof Map)) return
    const anchor = value.get('$anchor') ?? value.get('$dynamicAnchor')
    if (typeof anchor === 'string') this.#anchors.set(`#${anchor}`, value)
    for (const key of ['$id', 'id']) {
      const id = value.get(key)
      if (typeof id === 'string' && value !== this.root) this.#anchors.set(id, value)
    }
    for (const item of value.values()) this.#collectAnchors(item, depth + 1)
  }
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'boolean' || value instanceof Map
}

function draftOf(root: Schema): Draft {
  const named = root instanceof Map ? root.get('$schema') : undefined
  if (named === undefined) return 2020
  const text = String(named)
  if (text.includes('draft-04')) return 4
  if (text.includes('draft-06')) return 6
  if (text.includes('draft-07')) return 7
  if (text.includes('2019-09')) return 2019
  // The name without a draft means the newest.
  if (text.includes('2020-12') || /^https?:\/\/json-schema\.org\/schema#?$/.test(text)) return 2020
  throw new SchemaError(
    `failing loading ${JSON.stringify(text)}: schemas of other documents are not followed`,
  )
}
