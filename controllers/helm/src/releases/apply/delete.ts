import { type Cluster, type DeleteOptions, isApiError, mapConcurrently } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { attempt } from './create.ts'
import { concurrency, inKindRuns, joinedError, type Placed, placedWhereKnown, type Site } from './placed.ts'

export type Propagation = NonNullable<DeleteOptions['propagationPolicy']>

/** Deletes objects, those of a kind at the same time; all are tried, and what is gone is no failure. */
export async function deleteObjects(
  objects: readonly KubeObject[],
  site: Site,
  propagationPolicy: Propagation,
): Promise<void> {
  const errors: Error[] = []
  for (const run of inKindRuns(await placedWhereKnown(objects, site))) {
    const failures = await mapConcurrently(run, concurrency, (it) => {
      const { kind } = it.resource
      const fields = { kind, name: it.key.name, namespace: it.key.namespace ?? '' }
      site.log({ level: 'debug', message: 'starting delete resource', fields })
      return attempt(() => deleteOne(it, site, propagationPolicy), site)
    })
    errors.push(...failures.filter((it) => it !== undefined))
  }
  const error = joinedError(errors, '; ')
  if (error) throw error
}

/** Deletes one object. @throws {ApiError} */
export async function deleteOne(
  { resource, key }: Placed,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
  propagationPolicy: Propagation,
): Promise<void> {
  try {
    await cluster.delete(resource, key, { signal, propagationPolicy })
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
  }
}
