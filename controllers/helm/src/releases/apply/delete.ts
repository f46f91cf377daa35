import { type ApiError, type Cluster, type DeleteOptions, isApiError, mapConcurrently } from '@sluice/cluster'
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
      return attempt(async () => {
        const absence = await deleteOne(it, site, propagationPolicy)
        if (!absence) return
        site.log({
          level: 'debug',
          message: 'ignoring delete failure',
          fields: { ...fields, error: absence },
        })
      }, site)
    })
    errors.push(...failures.filter((it) => it !== undefined))
  }
  const error = joinedError(errors, '; ')
  if (error) throw error
}

/** Deletes one object; returns the answer that it is not there. @throws {ApiError} */
export async function deleteOne(
  { resource, key }: Placed,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
  propagationPolicy: Propagation,
): Promise<ApiError | undefined> {
  try {
    await cluster.delete(resource, key, { signal, propagationPolicy })
    return undefined
  } catch (error) {
    if (isApiError(error, 'NotFound')) return error
    throw error
  }
}
