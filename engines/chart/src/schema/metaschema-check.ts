import { type GoValue, quote } from '@sluice/go'
import { compileSchema } from './document/compile.ts'
import { CompiledSchema } from './document/compiled.ts'
import type { Dialect } from './document/draft.ts'
import { SchemaRegistry } from './document/registry.ts'
import type { SchemaRoot } from './document/schema-root.ts'
import { locationText } from './document/uri.ts'
import { SchemaError } from './schema-error.ts'
import { violationsOf } from './validate/validate.ts'
import { quoted, reportLines } from './violation.ts'

// Metaschemas never change and are few: each is compiled when a schema first needs it.
const compiled = new Map<string, CompiledSchema>()

/** Checks a document, or a part of it, against the metaschema of its dialect. @throws {SchemaError} with all that is wrong */
export function checkAgainstMetaschema(root: SchemaRoot, value: GoValue, pointer: string): void {
  const metaschema = metaschemaOf(root.resourceAt(pointer).dialect)
  const violations = violationsOf(metaschema, value, {
    metaschema,
    resources: root.resources,
    metaschemaOf: (resource) => metaschemaOf(resource.dialect),
  })
  if (violations.length === 0) return
  const heading = `${quote(locationText(root.url, pointer))} is not valid against metaschema: jsonschema validation failed with ${quoted(metaschema.location)}`
  throw new SchemaError([heading, ...reportLines(violations)].join('\n'))
}

function metaschemaOf({ draft, vocabularies }: Dialect): CompiledSchema {
  if (!vocabularies) return compiledAt(draft.url)
  const all = new CompiledSchema('urn:mem:metaschema')
  all.draftVersion = draft.version
  const folder = draft.url.replace(/schema$/, 'meta/')
  all.keywords = { allOf: vocabularies.map((name) => compiledAt(folder + name)), dynamicAnchor: 'meta' }
  all.dynamicAnchors.set('meta', all)
  return all
}

function compiledAt(url: string): CompiledSchema {
  const known = compiled.get(url)
  if (known) return known
  const schema = compileSchema(new SchemaRegistry(new Map(), () => {}), url, { assertFormat: true })
  compiled.set(url, schema)
  return schema
}
