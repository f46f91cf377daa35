import { escapedPath, type GoUrl, parsePath } from './url.ts'

/**
 * The URL that `reference` stands for when it is found at `base`.
 *
 * Source: https://pkg.go.dev/net/url#URL.ResolveReference; RFC 3986, section 5.2.
 */
export function resolveGoUrl(base: GoUrl, reference: GoUrl): GoUrl {
  const url = { ...reference, scheme: reference.scheme === '' ? base.scheme : reference.scheme }
  if (reference.scheme !== '' || reference.host !== '' || reference.user) {
    return { ...url, ...parsePath(resolvePath(escapedPath(reference), '')) }
  }
  if (reference.opaque !== '') return { ...url, user: undefined, host: '', path: '', rawPath: '' }
  const isBare = reference.path === '' && !reference.forceQuery && reference.rawQuery === ''
  const rawQuery = isBare ? base.rawQuery : reference.rawQuery
  const fragment = isBare && reference.fragment === '' ? base.fragment : reference.fragment
  if (reference.path === '' && base.opaque !== '') {
    return { ...url, rawQuery, fragment, opaque: base.opaque, user: undefined, host: '', path: '' }
  }
  const path = parsePath(resolvePath(escapedPath(base), escapedPath(reference)))
  return { ...url, rawQuery, fragment, host: base.host, user: base.user, ...path }
}

/** Joins the paths without `.` and `..`; what is not empty begins with a slash. */
function resolvePath(base: string, reference: string): string {
  const full = joined(base, reference)
  if (full === '') return ''
  const kept: string[] = []
  const parts = full.replace(/^\//, '').split('/')
  for (const part of parts) {
    if (part === '..') kept.pop()
    else if (part !== '.') kept.push(part)
  }
  const last = parts.at(-1)
  const path = `/${kept.join('/')}`
  const isDirectory = last === '.' || last === '..'
  return isDirectory && !path.endsWith('/') ? `${path}/` : path
}

function joined(base: string, reference: string): string {
  if (reference === '') return base
  return reference.startsWith('/') ? reference : base.slice(0, base.lastIndexOf('/') + 1) + reference
}
