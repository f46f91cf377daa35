import { escapeUrl, GoError, goUrlText, parseGoUrl, quote, resolveGoUrl, unescapeUrl } from '@sluice/go'
import { SchemaError } from '../schema-error.ts'

/** A URL and the fragment behind its `#`, without escapes. */
export type Reference = { readonly url: string; readonly fragment: string }

/** @throws {SchemaError} when the fragment has a malformed escape */
export function splitReference(text: string): Reference {
  const hash = text.indexOf('#')
  if (hash < 0) return { url: text, fragment: '' }
  return {
    url: text.slice(0, hash),
    fragment: parsing(text, () => unescapeUrl(text.slice(hash + 1), 'path')),
  }
}

/** What a reference means where the base is `base`. @throws {SchemaError} */
export function joinReference(base: string, text: string): Reference {
  const { url, fragment } = splitReference(text)
  const from = parsing(base, () => parseGoUrl(base))
  const to = parsing(url, () => parseGoUrl(url))
  const resolved = resolveGoUrl(from, to)
  const isBelowOpaque = to.scheme === '' && from.opaque !== ''
  return { url: goUrlText(isBelowOpaque ? { ...resolved, opaque: from.opaque } : resolved), fragment }
}

/** @throws {SchemaError} when it is no URL at all */
export function checkUrl(url: string): void {
  parsing(url, () => parseGoUrl(url))
}

/** The address of a place in a document. */
export function locationText(url: string, fragment: string): string {
  const escaped = fragment.split('/').map((part) => escapeUrl(part, 'segment'))
  return `${url}#${escaped.join('/')}`
}

function parsing<T>(text: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    if (!(cause instanceof GoError)) throw cause
    throw new SchemaError(`error in parsing ${quote(text)}: ${cause.message}`, { cause })
  }
}
