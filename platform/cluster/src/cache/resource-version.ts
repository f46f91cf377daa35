import type { KubeObject } from '@sluice/ports'

/**
 * Which of two resource versions is later: negative, 0 or positive as in a sort. They are decimal numbers that may be too
 * large for a double.
 *
 * Source: Kubernetes 1.35, resource versions may be compared within a resource (KEP-5504).
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The resource version of `object`; empty, which is before all others, when it has none. */
export function versionOf(object: KubeObject): string {
  return object.metadata.resourceVersion ?? ''
}
