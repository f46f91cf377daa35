import type { JsonObject, KubeObject } from '@sluice/ports'
import { strategyOf } from '../kinds/strategies.ts'
import { storageKey } from '../registry/api-resource.ts'
import { listQuery } from '../request/list-options.ts'
import { dryRunErrors, isDryRun, type Propagation, refuse } from '../request/options.ts'
import { type FieldError, invalidValue, notSupported } from '../status/field-error.ts'
import { badRequest, conflict, modified, notFound, statusError } from '../status/status-error.ts'
import { isStorageError } from '../storage/storage.ts'
import type { Answer, Call, Core } from './call.ts'
import { isFinished } from './change.ts'
import { fromStorage } from './convert.ts'
import { isObject, parseBody } from './decode.ts'
import { formatTime, withMeta } from './metadata.ts'
import { currentObject, selection } from './read.ts'
import { present, presentList } from './views.ts'

export type DeleteOptions = {
  readonly dryRun: boolean
  readonly propagation: Propagation | undefined
  readonly uid: string | undefined
  readonly resourceVersion: string | undefined
  readonly gracePeriodSeconds: number | undefined
}

const maxAttempts = 30

export async function deleteObject(core: Core, call: Call): Promise<Answer> {
  const options = deleteOptions(call)
  const { resource, name } = call
  const before = currentObject(core, call)
  const { object, isGone } = await removeObject(core, call, options)
  if (!isGone || strategyOf(resource).returnsDeleted) {
    return { status: 200, body: present(fromStorage(object, resource), call, core.clock.now()) }
  }
  return {
    status: 200,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name,
        ...(resource.group === '' ? {} : { group: resource.group }),
        kind: resource.plural,
        uid: before.metadata.uid,
      },
    },
  }
}

export async function deleteCollection(core: Core, call: Call): Promise<Answer> {
  const options = deleteOptions(call)
  const query = listQuery(call.query, false)
  const selected = selection(call, query)
  const { resource } = call
  const prefix = `/${resource.storage.group}/${resource.storage.plural}/${call.namespace === '' ? '' : `${call.namespace}/`}`
  const found = core.storage.list(prefix).objects.filter((it) => !selected.matches || selected.matches(it))
  const items: KubeObject[] = []
  for (const object of found) {
    const { name = '', namespace = '' } = object.metadata
    try {
      // In order, so that one request cannot flood the store.
      const removed = await removeObject(core, { ...call, name, namespace }, options)
      items.push(fromStorage(removed.isGone ? object : removed.object, resource))
    } catch (error) {
      if (!(error instanceof Error && error.message === notFound(resource, name).message)) throw error
    }
  }
  const metadata = { resourceVersion: String(core.storage.revision) }
  return { status: 200, body: presentList(items, metadata, { call, now: core.clock.now() }) }
}

export type Removed = { readonly object: KubeObject; readonly isGone: boolean }

/** Deletes an object, or marks it when something has to happen first. */
export async function removeObject(core: Core, call: Call, options: DeleteOptions): Promise<Removed> {
  const { resource, namespace, name } = call
  const key = storageKey(resource, namespace, name)
  for (let attempt = 1; ; attempt += 1) {
    const stored = currentObject(core, call)
    checkPreconditions(call, stored, options)
    core.admission.validate({
      operation: 'DELETE',
      call,
      object: undefined,
      oldObject: fromStorage(stored, resource),
      dryRun: options.dryRun,
    })
    const at = { kind: 'at', resourceVersion: stored.metadata.resourceVersion ?? '' } as const
    const marked = mark(core, call, { stored, options })
    const isGone = isFinished(marked, call)
    if (options.dryRun) return { object: marked, isGone }
    if (!isGone && marked === stored) return { object: stored, isGone }
    try {
      // One attempt after the other: each begins from what the last one lost to.
      const object = isGone ? await core.storage.delete(key, at) : await core.storage.put(key, marked, at)
      return { object, isGone }
    } catch (error) {
      if (!isStorageError(error, 'PRECONDITION_FAILED')) throw error
      if (attempt >= maxAttempts) throw conflict(resource, name, modified)
    }
  }
}

type Marking = { readonly stored: KubeObject; readonly options: DeleteOptions }

function mark(core: Core, call: Call, { stored, options }: Marking): KubeObject {
  const finalizers = finalizersFor(stored, options.propagation, call)
  const { metadata } = stored
  const grace = strategyOf(call.resource).graceSeconds?.(stored, options.gracePeriodSeconds) ?? 0
  const isMarked = metadata.deletionTimestamp !== undefined
  const before = metadata.deletionGracePeriodSeconds ?? 0
  const unchanged = isMarked && grace >= before && sameList(finalizers, metadata.finalizers ?? [])
  if (unchanged && !isFinished(stored, call)) return stored
  const generation = metadata.generation
  const marked = withMeta(stored, {
    deletionTimestamp: isMarked && grace >= before ? metadata.deletionTimestamp : deadline(core, grace),
    deletionGracePeriodSeconds: isMarked ? Math.min(grace, before) : grace,
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    // Being deleted is a change that controllers must observe.
    generation: generation === undefined || isMarked ? generation : generation + 1,
  })
  // What happens to an object once does not happen to it again.
  if (isMarked) return marked
  return strategyOf(call.resource).markDeleted?.(marked, { now: formatTime(core.clock.now()) }) ?? marked
}

function deadline(core: Core, graceSeconds: number): string {
  return formatTime(core.clock.now() + graceSeconds * 1000)
}

/** How dependents are to be treated is told to the garbage collector through finalizers. */
function finalizersFor(
  { metadata }: KubeObject,
  propagation: Propagation | undefined,
  { resource }: Call,
): readonly string[] {
  const kept = (metadata.finalizers ?? []).filter(
    (it) => propagation === undefined || (it !== 'orphan' && it !== 'foregroundDeletion'),
  )
  const added = metadata.deletionTimestamp === undefined ? strategyOf(resource).deletionFinalizers : []
  const own = [...kept, ...(added ?? []).filter((it) => !kept.includes(it))]
  if (propagation === 'Orphan') return [...own, 'orphan']
  if (propagation === 'Foreground') return [...own, 'foregroundDeletion']
  return own
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((it, index) => it === b[index])
}

function checkPreconditions(
  { resource, name }: Call,
  { metadata }: KubeObject,
  { uid, resourceVersion }: DeleteOptions,
): void {
  const fail = (cause: string): Error =>
    statusError(409, 'Conflict', {
      message: `Operation cannot be fulfilled on ${resource.kind}${resource.group === '' ? '' : `.${resource.group}`} ${JSON.stringify(name)}: ${cause}`,
      details: { name, ...(resource.group === '' ? {} : { group: resource.group }), kind: resource.kind },
    })
  if (uid !== undefined && uid !== metadata.uid) {
    throw fail(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw fail(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
  }
}

const propagations = ['Foreground', 'Background', 'Orphan']

/** Options of a delete, from the body or else the query. @throws {ApiError} */
export function deleteOptions(call: Call): DeleteOptions {
  const { query } = call
  const body = call.body === undefined || call.body === '' ? {} : parseBody(call, (why) => badRequest(why))
  if (!isObject(body)) throw badRequest('the options are not an object')
  const options = Object.keys(body).length > 0 ? body : fromQuery(query)
  const errors: FieldError[] = [...dryRunErrors(query)]
  const { propagationPolicy, orphanDependents, dryRun, gracePeriodSeconds } = options
  if (propagationPolicy !== undefined && typeof orphanDependents === 'boolean') {
    const both = 'orphanDependents and deletionPropagation cannot be both set'
    errors.push(invalidValue('propagationPolicy', propagationPolicy, both))
  }
  if (propagationPolicy !== undefined && !propagations.includes(propagationPolicy as string)) {
    errors.push(notSupported('propagationPolicy', propagationPolicy, [...propagations, 'nil']))
  }
  if (Array.isArray(dryRun) && dryRun.some((it) => it !== 'All')) {
    errors.push(notSupported('dryRun', dryRun, ['All']))
  }
  refuse('DeleteOptions', errors)
  const { preconditions } = options
  const { uid, resourceVersion } = isObject(preconditions) ? preconditions : {}
  return {
    dryRun: isDryRun(query) || (Array.isArray(dryRun) && dryRun.length > 0),
    propagation: propagationOf(options),
    uid: typeof uid === 'string' ? uid : undefined,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : undefined,
    gracePeriodSeconds: typeof gracePeriodSeconds === 'number' ? Math.max(0, gracePeriodSeconds) : undefined,
  }
}

function propagationOf({ propagationPolicy, orphanDependents }: JsonObject): Propagation | undefined {
  if (typeof propagationPolicy === 'string') return propagationPolicy as Propagation
  if (typeof orphanDependents !== 'boolean') return undefined
  return orphanDependents ? 'Orphan' : 'Background'
}

function fromQuery(query: Call['query']): JsonObject {
  const { propagationPolicy, orphanDependents, gracePeriodSeconds } = query
  if (gracePeriodSeconds !== undefined && !/^[+-]?\d+$/.test(gracePeriodSeconds)) {
    const shown = JSON.stringify(gracePeriodSeconds)
    throw badRequest(`strconv.ParseInt: parsing ${shown}: invalid syntax`)
  }
  return {
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(orphanDependents === undefined ? {} : { orphanDependents: orphanDependents === 'true' }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: Number(gracePeriodSeconds) }),
  }
}
