import { compareIds, idOf, isApiError } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { fieldManagers } from '@sluice/toolkit'
import { type Placed, placed, ReleaseObjectError, type Site } from '../releases/apply/placed.ts'
import type { Correction, DriftedObject } from '../releases/release-client.ts'

const fieldManager = fieldManagers.helmController

/**
 * Puts back what has drifted: creates what is missing, then patches what has changed, each by the order of kinds. What
 * cannot be put back does not keep the others from it.
 */
export async function correctDrift(drifted: readonly DriftedObject[], site: Site): Promise<Correction> {
  const corrected: DriftedObject[] = []
  const failures: Correction['failures'][number][] = []
  for (const object of [...ofKind(drifted, 'removed'), ...ofKind(drifted, 'changed')]) {
    try {
      // In order: later kinds may need earlier ones.
      await correctOne(object, site)
      corrected.push(object)
    } catch (error) {
      site.signal.throwIfAborted()
      if (!(error instanceof Error)) throw error
      failures.push({ object, error })
    }
  }
  return { corrected, failures }
}

function ofKind(drifted: readonly DriftedObject[], kind: DriftedObject['kind']): readonly DriftedObject[] {
  return drifted
    .filter((it) => it.kind === kind)
    .toSorted((a, b) => compareIds(idOf(a.object), idOf(b.object)))
}

async function correctOne({ object, kind, patch }: DriftedObject, site: Site): Promise<void> {
  const it = await placed(object, site)
  const { cluster, signal } = site
  const write = { signal, fieldManager }
  try {
    if (kind === 'removed') await cluster.create(it.resource, it.object, write)
    else await cluster.patch(it.resource, it.key, { ...write, patch: { kind: 'json', body: patch } })
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const what = kind === 'removed' ? 'creation' : 'patch'
    throw new ReleaseObjectError(`${nameOf(it)} ${what} failure: ${safeText(cause, it.object)}`, cause)
  }
}

function nameOf({ resource, key }: Placed): string {
  const scope = key.namespace === undefined ? '' : `${key.namespace}/`
  return `${resource.kind}/${scope}${key.name}`
}

/** A server quotes the values that it refuses; those of a Secret must not get into events. */
function safeText(error: Error, { kind }: KubeObject): string {
  if (kind !== 'Secret' || !isApiError(error, 'Invalid')) return error.message
  return error.message.slice(error.message.lastIndexOf(':') + 1).trim()
}
