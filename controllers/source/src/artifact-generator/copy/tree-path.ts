import { cleanPath } from '@sluice/go'
import { CopyError } from './copy-error.ts'

/** Joins path parts; what is empty counts for nothing. Source: Go's filepath.Join. */
export function joinPath(...parts: readonly string[]): string {
  const kept = parts.filter((part) => part !== '')
  return kept.length === 0 ? '' : cleanPath(kept.join('/'))
}

/** A path as trees have it: clean, the root as `''`. @throws {CopyError} when it leads out of the tree. */
export function treePath(path: string): string {
  const clean = cleanPath(path)
  if (clean.startsWith('/') || clean === '..' || clean.startsWith('../')) {
    throw new CopyError(`${path}: path escapes from parent`)
  }
  return clean === '.' ? '' : clean
}
