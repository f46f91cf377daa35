import { type GoValue, parseGoUrl, quote } from '@sluice/go'
import { SchemaError } from '../schema-error.ts'
import { type Dialect, type Draft, draftOfUrl, latestDraft } from './draft.ts'
import { isMetaschemaUrl, metaschemaAt } from './metaschemas.ts'
import { lookUp } from './pointer.ts'
import { type SchemaPlace, SchemaRoot } from './schema-root.ts'
import { checkUrl, locationText, type Reference } from './uri.ts'

/** Checks a part of a document against the metaschema of its dialect. @throws {SchemaError} */
export type CheckDocument = (root: SchemaRoot, value: GoValue, pointer: string) => void

/**
 * Documents by their URLs: the one given, and the metaschemas. Nothing is fetched, whatever a schema refers to: a chart's
 * values are nobody's reason to reach for the network or the disk.
 */
export class SchemaRegistry {
  readonly #given: ReadonlyMap<string, GoValue>
  readonly #check: CheckDocument
  readonly #roots = new Map<string, SchemaRoot>()

  constructor(given: ReadonlyMap<string, GoValue>, check: CheckDocument) {
    this.#given = given
    this.#check = check
  }

  /** The document at a URL, found to be valid. @throws {SchemaError} */
  root(url: string): SchemaRoot {
    const known = this.#roots.get(url)
    if (known) return known
    const document = this.#load(url)
    const root = new SchemaRoot(url, document, (schema, place, fallback) =>
      this.#dialectOf(schema, place, fallback),
    )
    root.collect(document, '', { base: url, dialect: { draft: latestDraft, vocabularies: undefined } })
    if (!isMetaschemaUrl(url)) this.#check(root, document, '')
    this.#roots.set(url, root)
    return root
  }

  /** Where a reference to another document leads. @throws {SchemaError} */
  resolve({ url, fragment }: Reference): SchemaPlace {
    const root = this.root(url)
    return { url, pointer: root.pointerIn(root.resourceAt(''), fragment) }
  }

  /** The schema at a place, which is checked if it is in no keyword that holds schemas. @throws {SchemaError} */
  schemaAt({ url, pointer }: SchemaPlace): { readonly root: SchemaRoot; readonly schema: GoValue } {
    const root = this.root(url)
    const schema = lookUp(root.document, url, pointer)
    if (!root.has(pointer)) {
      const { id, dialect } = root.resourceAt(pointer)
      root.collect(schema, pointer, { base: id, dialect })
      this.#check(root, schema, pointer)
    }
    return { root, schema }
  }

  #load(url: string): GoValue {
    const document = this.#given.has(url) ? this.#given.get(url) : metaschemaAt(url)
    if (document !== undefined) return document
    const { scheme, path } = parseGoUrl(url)
    // Helm takes names that nobody resolves for schemas that allow everything.
    if (scheme === 'urn') return true
    throw new SchemaError(`failing loading ${quote(url)}: ${whyNotLoaded(url, scheme, path)}`)
  }

  #dialectOf(schema: GoValue, place: SchemaPlace, fallback: Dialect): Dialect {
    const named = schema instanceof Map ? schema.get('$schema') : undefined
    if (typeof named !== 'string') return fallback
    const draft = this.#draftOf(schema, place, { fallback: fallback.draft, path: new Set() })
    if (draftOfUrl(named)) return { draft, vocabularies: undefined }
    const url = named.replace(/#.*$/s, '')
    return { draft, vocabularies: vocabulariesOf(this.#load(url), url, draft) }
  }

  /** Follows `$schema` from metaschema to metaschema, up to one that is known. */
  #draftOf(
    schema: GoValue,
    { url, pointer }: SchemaPlace,
    search: { readonly fallback: Draft; readonly path: Set<string> },
  ): Draft {
    const named = schema instanceof Map ? schema.get('$schema') : undefined
    if (typeof named !== 'string') return search.fallback
    const known = draftOfUrl(named)
    if (known) return known
    const next = named.replace(/#.*$/s, '')
    try {
      parseGoUrl(next)
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      throw new SchemaError(`invalid $schema in ${quote(locationText(url, pointer))}: ${text}`, { cause })
    }
    if (pointer === '' && next === url) throw new SchemaError(`draft ${quote(next)} is not supported`)
    if (search.path.has(next)) throw new SchemaError(`cycle in resolving $schema in ${quote(next)}`)
    search.path.add(next)
    return this.#draftOf(this.#load(next), { url: next, pointer: '' }, search)
  }
}

/** The vocabularies that a metaschema requires. @throws {SchemaError} when one of them is unknown */
function vocabulariesOf(metaschema: GoValue, url: string, draft: Draft): readonly string[] | undefined {
  checkUrl(url)
  const listed = metaschema instanceof Map ? metaschema.get('$vocabulary') : undefined
  if (draft.version < 2019 || !(listed instanceof Map)) return undefined
  const names = [...listed].flatMap(([vocabulary, isRequired]) => {
    if (isRequired !== true) return []
    const name = vocabulary.slice(draft.vocabularyPrefix.length)
    if (vocabulary.startsWith(draft.vocabularyPrefix) && draft.vocabularies.includes(name)) return [name]
    throw new SchemaError(`unsupported vocabulary ${quote(vocabulary)} in ${quote(url)}`)
  })
  return names.includes('core') ? names : [...names, 'core']
}

function whyNotLoaded(url: string, scheme: string, path: string): string {
  if (scheme === 'file') return `open ${path}: no such file or directory`
  if (scheme === 'http' || scheme === 'https') return 'references to other documents are not followed'
  return `no URLLoader registered for ${quote(url)}`
}
