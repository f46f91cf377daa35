import type { KubeObject } from '@sluice/ports'

/** Labels or annotations, one of which an object must have; values are compared without regard to case. */
export type MetadataMatch = Readonly<Record<string, string>>

/** Whether one of the pairs is a label or an annotation of the object. */
export function matchesMetadata({ metadata }: KubeObject, match: MetadataMatch | undefined): boolean {
  if (!match) return false
  return Object.entries(match).some(
    ([key, value]) =>
      equalFold(metadata.labels?.[key], value) || equalFold(metadata.annotations?.[key], value),
  )
}

function equalFold(a: string | undefined, b: string): boolean {
  return a !== undefined && a !== '' && a.toLowerCase() === b.toLowerCase()
}
