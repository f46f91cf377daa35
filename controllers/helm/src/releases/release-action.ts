import { observedCluster } from '@sluice/applier'
import { type Action, type ActionContext, type ActionResult, type Effect, type Release } from '@sluice/chart'
import { isApiError, mapConcurrently } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { type ActionLogs, actionLogs } from './action-logs.ts'
import { createObjects } from './apply/create.ts'
import { deleteObjects, type Propagation } from './apply/delete.ts'
import { concurrency, placed, ReleaseObjectError, resolveKinds, type Site } from './apply/placed.ts'
import { read, updateObjects } from './apply/update.ts'
import { drive } from './drive.ts'
import { logHookOutput } from './hook-output.ts'
import { pacer } from './pacer.ts'
import type { ReleaseRecords } from './records/release-records.ts'
import type { ActionBounds, ActionEnd, ReleaseBehaviour, ReleaseTarget } from './release-client.ts'
import type { ReleaseDeps } from './release-clients.ts'
import type { ClusterCapabilities } from './render/capabilities.ts'
import { answerLookup } from './render/lookup-answers.ts'
import type { RenderedRelease } from './render/renderer.ts'
import { type WaitPlan, waitAs } from './wait/wait.ts'

/** What all actions of a client have in common. */
export type ActionWorld = {
  readonly target: ReleaseTarget
  readonly behaviour: ReleaseBehaviour
  readonly deps: ReleaseDeps
  readonly records: ReleaseRecords
  readonly capabilities: ClusterCapabilities
}

/** How one action goes about it. */
export type ActionPlan = WaitPlan & {
  readonly skipSchemaValidation?: boolean
  /** Objects are replaced where they cannot be applied at the server. */
  readonly replaces?: boolean
  readonly propagation?: Propagation
  /** What is done before the action. */
  readonly prepare?: (site: Site) => Promise<void>
}

/** Runs an action against the cluster. Its failure is an outcome. @throws the reason of an aborted signal */
export async function runAction(
  make: (context: ActionContext) => Action<ActionResult>,
  {
    world,
    plan,
    bounds,
  }: { readonly world: ActionWorld; readonly plan: ActionPlan; readonly bounds: ActionBounds },
): Promise<ActionEnd> {
  const { target, deps } = world
  const { signal } = bounds
  const logs = actionLogs(deps.clock)
  const site = siteOf(world, signal, logs.add)
  const context: ActionContext = {
    name: target.name,
    namespace: target.namespace,
    now: () => new Date(deps.clock.now()).toISOString(),
    log: logs.add,
  }
  let newest: Release | undefined
  const answer = answerer({ world, plan, bounds, site }, (release) => {
    if (!newest || release.revision >= newest.revision) newest = release
  })
  try {
    await plan.prepare?.(site)
    const { release, failure } = await drive(make(context), answer, signal)
    return ended({ newest, result: release, failure, logs })
  } catch (failure) {
    signal.throwIfAborted()
    if (!(failure instanceof Error)) throw failure
    return ended({ newest, result: undefined, failure, logs })
  }
}

/** Where objects are read and written, with the observer told. */
export function siteOf(
  { target, behaviour: { observer }, deps }: ActionWorld,
  signal: AbortSignal,
  log: Site['log'],
): Site {
  const { namespace } = target
  const cluster = observer ? observedCluster(target.cluster, observer) : target.cluster
  return { cluster, namespace, signal, log, pace: pacer(deps.clock, signal) }
}

type Ended = {
  readonly newest: Release | undefined
  readonly result: Release | undefined
  readonly failure: Error | undefined
  readonly logs: ActionLogs
}

function ended({ newest, result, failure, logs }: Ended): ActionEnd {
  // What an action answers is later than its last record of the same revision, as at the end of an uninstall.
  const release = newest && result?.revision === newest.revision ? result : newest
  return { release, failure, logs: logs.lines() }
}

type Answering = {
  readonly world: ActionWorld
  readonly plan: ActionPlan
  readonly bounds: ActionBounds
  readonly site: Site
}

function answerer(
  { world, plan, bounds, site }: Answering,
  recorded: (release: Release) => void,
): (effect: Effect) => Promise<unknown> {
  const { behaviour, deps, records } = world
  const { signal } = bounds
  const waiting = {
    site,
    clock: deps.clock,
    timeoutMs: bounds.timeoutMs,
    ...(bounds.interruption && { interruption: bounds.interruption }),
    ...(behaviour.healthOf && { healthOf: behaviour.healthOf }),
  }
  return async (effect) => {
    await site.pace()
    switch (effect.kind) {
      case 'history':
        return await records.history(signal)
      case 'record':
        await records.write(effect.release, effect.as, signal)
        recorded(effect.release)
        behaviour.observe(effect.release)
        return undefined
      case 'remove':
        return await records.remove(effect.revision, signal)
      case 'render':
        return await renderFor(world, effect, {
          site,
          skipSchemaValidation: plan.skipSchemaValidation ?? false,
        })
      case 'resolve':
        return await resolveKinds(effect.objects, site)
      case 'find':
        return await mapConcurrently(effect.objects, concurrency, (it) => find(it, site))
      case 'create':
        return await createObjects(effect, site)
      case 'update':
        return await updateObjects({ ...effect, replaces: plan.replaces ?? false }, site)
      case 'delete': {
        const asked = plan.propagation ?? 'Background'
        return await deleteObjects(effect.objects, site, effect.uninstalls ? asked : 'Background')
      }
      case 'wait':
      case 'waitForDelete':
      case 'watchUntilReady':
        return await waitAs(effect, plan, waiting)
      case 'showLogs':
        return await logHookOutput(effect.hook, site)
    }
  }
}

/** Renders a chart for a release, with what its templates look up in the target. */
export async function renderFor(
  { target, behaviour, deps, capabilities }: ActionWorld,
  { chart, values, release }: Omit<Extract<Effect, { kind: 'render' }>, 'kind'>,
  { site, skipSchemaValidation }: { readonly site: Site; readonly skipSchemaValidation: boolean },
): Promise<RenderedRelease> {
  const { signal } = site
  const job = {
    chart,
    values,
    release,
    capabilities: await capabilities.of({ ...target, ...behaviour }, signal),
    postRendering: behaviour.postRendering,
    skipSchemaValidation,
  }
  return await deps.render(job, {
    signal,
    answer: (query) => answerLookup(query, target.cluster, signal),
    warn: (message) => site.log({ level: 'warning', message, fields: {} }),
  })
}

async function find(object: KubeObject, site: Site): Promise<KubeObject | undefined> {
  try {
    return await read(await placed(object, site), site)
  } catch (cause) {
    site.signal.throwIfAborted()
    if (isApiError(cause, 'NoKindMatch')) return undefined
    if (!(cause instanceof Error)) throw cause
    const { name = '', namespace = site.namespace } = object.metadata
    const which = `${object.kind} "${name}" in namespace "${namespace}"`
    const message = `could not get information about the resource ${which}: ${cause.message}`
    throw new ReleaseObjectError(message, cause)
  }
}
