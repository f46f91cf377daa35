import type { Effect } from '@sluice/chart'
import { isApiError, mapConcurrently } from '@sluice/cluster'
import { createAtClient } from './client-side.ts'
import { concurrency, inKindRuns, joinedError, logFields, type Placed, placed, type Site } from './placed.ts'
import { applyAtServer } from './server-side.ts'

type Create = Omit<Extract<Effect, { kind: 'create' }>, 'kind'>

/**
 * Creates objects, those of a kind at the same time; all are tried. Answers `false` when one was there that may be. What is
 * applied at the server is never there already.
 *
 * @param force takes fields from other managers
 * @throws {ReleaseObjectError} {@link ApiError}
 */
export async function createObjects(
  { objects, method, keepExisting = false }: Create,
  site: Site,
  { force = false }: { readonly force?: boolean } = {},
): Promise<boolean> {
  site.log({ level: 'debug', message: 'creating resource(s)', fields: { resources: objects.length } })
  logCreation(method, { site, force })
  const all = await Promise.all(objects.map((it) => placed(it, site)))
  const errors: Error[] = []
  let isNew = true
  for (const run of inKindRuns(all)) {
    const failures = await mapConcurrently(run, concurrency, (it) =>
      attempt(() => createOne(it, { site, method, force }), site),
    )
    for (const failure of failures) {
      if (failure && keepExisting && isApiError(failure, 'AlreadyExists')) isNew = false
      else if (failure) errors.push(failure)
    }
  }
  const error = joinedError(errors, '\n')
  if (error) throw error
  return isNew
}

/** Says how objects will be created. */
export function logCreation(
  method: Create['method'],
  { site, force }: { readonly site: Site; readonly force: boolean },
): void {
  if (method === 'csa') {
    site.log({ level: 'debug', message: 'using client-side apply for resource creation', fields: {} })
    return
  }
  const fields = { dryRun: false, fieldValidationDirective: 'Strict', forceConflicts: force }
  site.log({ level: 'debug', message: 'using server-side apply for resource creation', fields })
}

export async function createOne(
  it: Placed,
  {
    site,
    method,
    force,
  }: { readonly site: Site; readonly method: Create['method']; readonly force: boolean },
): Promise<void> {
  if (method === 'csa') {
    await createAtClient(it, site)
    return
  }
  try {
    await applyAtServer(it, site, { force })
  } catch (error) {
    if (error instanceof Error) {
      const fields = { ...logFields(it), error }
      site.log({ level: 'debug', message: 'Error creating resource via patch', fields })
    }
    throw error
  }
  site.log({ level: 'debug', message: 'Created resource via patch', fields: logFields(it) })
}

/** The failure of something that others do not wait for. */
export async function attempt(work: () => Promise<void>, { signal, pace }: Site): Promise<Error | undefined> {
  try {
    await pace()
    await work()
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error) return error
    throw error
  }
}
