import type { KubeObject } from '@sluice/ports'
import { annotations } from '../names/metadata-keys.ts'

/**
 * The versions of its API in which an object, other than its status, was written: that of `kubectl apply`, or else those in
 * the record of managed fields. None when neither says anything: the record is lost when a field is set that one of the
 * versions does not know.
 */
export function versionsWritten({ metadata }: KubeObject): ReadonlySet<string> {
  const applied = metadata.annotations?.[annotations.lastAppliedConfiguration]
  const written = applied === undefined ? [] : [apiVersionIn(applied)]
  const recorded = (metadata.managedFields ?? [])
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ apiVersion }) => apiVersion)
  const known = (written.length > 0 ? written : recorded).filter((it) => it !== undefined)
  return new Set(known.map((it) => it.split('/').at(-1) ?? ''))
}

function apiVersionIn(manifest: string): string | undefined {
  try {
    const { apiVersion } = (JSON.parse(manifest) ?? {}) as { readonly apiVersion?: unknown }
    return typeof apiVersion === 'string' ? apiVersion : undefined
  } catch (error) {
    // Anybody can write anything there.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
