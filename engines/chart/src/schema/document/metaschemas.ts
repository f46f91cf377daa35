import type { GoValue } from '@sluice/go'
import { withoutScheme } from './draft.ts'
import { classicMetaschemas } from './metaschemas-classic.ts'
import { modernMetaschemas } from './metaschemas-modern.ts'

/** JSON as it is written in code. */
export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

const documents: ReadonlyMap<string, Json> = new Map([...classicMetaschemas(), ...modernMetaschemas()])
const host = 'json-schema.org/'

/** The metaschema, or vocabulary of one, at a URL of json-schema.org. */
export function metaschemaAt(url: string): GoValue {
  if (!isMetaschemaUrl(url)) return undefined
  const path = withoutScheme(url).slice(host.length)
  const document = documents.get(path === 'schema' ? 'draft/2020-12/schema' : path)
  return document === undefined ? undefined : valueOf(document)
}

/** Whether documents there are taken to be valid. */
export function isMetaschemaUrl(url: string): boolean {
  return withoutScheme(url) !== url && withoutScheme(url).startsWith(host)
}

function valueOf(json: Json): GoValue {
  if (typeof json !== 'object') return json
  if (isList(json)) return json.map(valueOf)
  return new Map(Object.entries(json).map(([key, item]) => [key, valueOf(item)]))
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}
