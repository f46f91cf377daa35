import type { ObjectFormat } from './protocol/refs.ts'

/**
 * A revision in Flux's form: `main@sha1:…`, `v1.0.0@sha1:…`, or `sha1:…` without a reference.
 *
 * @param reference a full reference such as `refs/heads/main`; `isAbsolute` keeps it whole, as for `spec.ref.name`.
 */
export function formatRevision(
  reference: string,
  commit: string,
  {
    objectFormat,
    isAbsolute = false,
  }: { readonly objectFormat: ObjectFormat; readonly isAbsolute?: boolean },
): string {
  const digest = `${objectFormat}:${commit}`
  if (isAbsolute) return reference === '' ? digest : `${reference}@${digest}`
  // The third part of a reference is its short name, whatever slashes that has.
  const short = /^[^/]*\/[^/]*\/(.*)$/s.exec(reference)?.[1]
  return short === undefined ? digest : `${short}@${digest}`
}

/** The commit that a revision names: `main@sha1:abc` is `abc`; also of the older form `main/abc`. */
export function commitOfRevision(revision: string): string {
  return /(?:^|[:/@])([0-9a-f]+)$/.exec(revision)?.[1] ?? ''
}

/** A revision of Flux before 0.36 (`main/<hex>`, `<hex>`) in today's form; others as they are. */
export function transformRevision(revision: string): string {
  const legacy = /^(?:(.+)\/)?([0-9a-f]{40})$/.exec(revision)
  if (!legacy || revision.includes(':')) return revision
  return legacy[1] === undefined ? `sha1:${legacy[2]}` : `${legacy[1]}@sha1:${legacy[2]}`
}
