import type { Effect, UpdateResult } from '@sluice/chart'
import { isApiError, mapConcurrently } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { patchAtClient, replaceObject } from './client-side.ts'
import { attempt, createOne, logCreation } from './create.ts'
import { deleteOne } from './delete.ts'
import {
  concurrency,
  inKindRuns,
  joinedError,
  logFields,
  type Placed,
  placed,
  placedWhereKnown,
  ReleaseObjectError,
  type Site,
} from './placed.ts'
import { applyAtServer, migrateFields, needsNoApply } from './server-side.ts'

type Update = Omit<Extract<Effect, { kind: 'update' }>, 'kind'> & {
  /** Objects are replaced where they cannot be applied at the server. */
  readonly replaces: boolean
}

/** Live objects that say this stay when their release has no use for them any more. */
const keepPolicy = 'keep'
const policyAnnotation = 'helm.sh/resource-policy'

/**
 * Makes the objects of one revision those of another: creates and changes, and then deletes what is not wanted any more.
 * A failing creation stops it; other failures are collected.
 */
export async function updateObjects(update: Update, site: Site): Promise<UpdateResult> {
  logUpdate(update, site)
  const targets = await Promise.all(update.to.map((it) => placed(it, site)))
  const originals = await placedWhereKnown(update.from, site)
  const byIdentity = new Map(originals.map((it) => [identityOf(it), it]))
  const created: KubeObject[] = []
  const errors: Error[] = []
  for (const run of inKindRuns(targets)) {
    let failedCreation: Error | undefined
    await mapConcurrently(run, concurrency, async (target) => {
      const before = byIdentity.get(identityOf(target))?.object
      const { isCreated, failure } = await updateOne(target, { update, before, site })
      if (isCreated) created.push(target.object)
      if (isCreated) failedCreation ??= failure
      else if (failure) errors.push(failure)
    })
    if (failedCreation) return { created, failure: failedCreation }
  }
  const failure = joinedError(errors, ' && ')
  if (failure) return { created, failure }
  const wanted = new Set(targets.map(identityOf))
  const unwanted = originals.filter((it) => !wanted.has(identityOf(it)))
  return { created, failure: joinedError(await removeUnwanted(unwanted, site), ' && ') }
}

type Change = { readonly isCreated: boolean; readonly failure: Error | undefined }

async function updateOne(
  target: Placed,
  {
    update,
    before,
    site,
  }: { readonly update: Update; readonly before: KubeObject | undefined; readonly site: Site },
): Promise<Change> {
  const { method } = update
  let live: KubeObject | undefined
  try {
    live = await read(target, site)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    site.signal.throwIfAborted()
    const message = `could not get information about the resource: ${error.message}`
    return { isCreated: true, failure: new ReleaseObjectError(message, error) }
  }
  if (!live) return { isCreated: true, failure: await create(target, { site, method }) }
  const current = live
  const failure = await attempt(() => change(target, { live: current, before, update, site }), site)
  return { isCreated: false, failure }
}

async function create(
  target: Placed,
  { site, method }: { readonly site: Site; readonly method: Update['method'] },
): Promise<Error | undefined> {
  const failure = await attempt(() => createOne(target, { site, method, force: method === 'ssa' }), site)
  if (failure) {
    return new ReleaseObjectError(`failed to create resource: ${failure.message}`, failure)
  }
  const { kind } = target.resource
  const fields = { kind, name: target.key.name, namespace: target.key.namespace ?? '' }
  site.log({ level: 'debug', message: 'created a new resource', fields })
  return undefined
}

async function change(
  target: Placed,
  {
    live,
    before = target.object,
    update,
    site,
  }: {
    readonly live: KubeObject
    readonly before: KubeObject | undefined
    readonly update: Update
    readonly site: Site
  },
): Promise<void> {
  const { method, replaces, migrates, adopts } = update
  if (method === 'csa') {
    if (replaces) await replaceObject(target, site, live)
    else await patchAtClient(target, site, { live, before, mergesUnknownKinds: adopts })
    return
  }
  const fields = logFields(target)
  if (migrates && (await migrateFields(target, live, site))) {
    const message = 'Upgraded object client-side field management with server-side apply field management'
    site.log({ level: 'debug', message, fields })
  }
  if (!needsNoApply(target, live)) {
    try {
      await applyAtServer(target, site, { force: true })
    } catch (error) {
      if (error instanceof Error) {
        site.log({ level: 'debug', message: 'Error patching resource', fields: { ...fields, error } })
      }
      throw error
    }
  }
  site.log({ level: 'debug', message: 'Patched resource', fields })
}

async function removeUnwanted(unwanted: readonly Placed[], site: Site): Promise<readonly Error[]> {
  const failures = await mapConcurrently(unwanted, concurrency, async (it) => {
    const { kind } = it.resource
    const { name, namespace = '' } = it.key
    site.log({ level: 'debug', message: 'deleting resource', fields: { kind, name, namespace } })
    const failure = await attempt(async () => {
      const live = await read(it, site)
      if (!live || live.metadata.annotations?.[policyAnnotation] === keepPolicy) return
      await deleteOne(it, site, 'Background')
    }, site)
    if (!failure) return undefined
    const which = `namespace=${namespace}, name=${name}, kind=${kind}`
    const message = `failed to delete resource ${which}: ${failure.message}`
    return new ReleaseObjectError(message, failure)
  })
  return failures.filter((it) => it !== undefined)
}

/** The object as the cluster has it, or nothing. @throws {ApiError} */
export async function read(
  { resource, key }: Placed,
  { cluster, signal, pace }: Pick<Site, 'cluster' | 'signal' | 'pace'>,
): Promise<KubeObject | undefined> {
  if (key.name === '') return undefined
  await pace()
  try {
    return await cluster.get(resource, key, { signal })
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined
    throw error
  }
}

/** What an object is, whatever version it is written in. */
function identityOf({ resource: { group, kind }, key: { namespace = '', name } }: Placed): string {
  return `${group}/${kind}/${namespace}/${name}`
}

function logUpdate({ method, replaces, migrates, adopts, to }: Update, site: Site): void {
  const log = (message: string, fields: Parameters<Site['log']>[0]['fields']): void =>
    site.log({ level: 'debug', message, fields })
  logCreation(method, { site, force: method === 'ssa' })
  const strict = { fieldValidationDirective: 'Strict' }
  if (method === 'ssa') {
    const fields = { dryRun: false, ...strict, forceConflicts: true, upgradeClientSideFieldManager: migrates }
    log('using server-side apply for resource update', fields)
  } else if (replaces) {
    log('using resource replace update strategy', strict)
  } else {
    log('using client-side apply for resource update', { threeWayMergeForUnstructured: adopts })
  }
  log('checking resources for changes', { resources: to.length })
}
