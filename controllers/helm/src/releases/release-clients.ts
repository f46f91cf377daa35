import { type ApplyMethod, install, rollback, testRelease, uninstall, unlock, upgrade } from '@sluice/chart'
import type { CacheSet } from '@sluice/cluster'
import type { Clock } from '@sluice/ports'
import type { HelmInstall, HelmTest, HelmUninstall, HelmUpgrade, ServerSideApplyMode } from '@sluice/toolkit'
import { correctDrift } from '../drift/correct-drift.ts'
import { findDrift } from '../drift/release-drift.ts'
import type { Propagation } from './apply/delete.ts'
import type { Site } from './apply/placed.ts'
import { applyCrds, type CrdPolicy } from './crds.ts'
import { previewRelease } from './preview-release.ts'
import { recordReader } from './records/record-reader.ts'
import { releaseRecords } from './records/release-records.ts'
import { type ActionPlan, type ActionWorld, runAction, siteOf } from './release-action.ts'
import type {
  ActionBounds,
  ActionEnd,
  ReleaseBehaviour,
  ReleaseClient,
  ReleaseContent,
  ReleaseTarget,
} from './release-client.ts'
import { clusterCapabilities } from './render/capabilities.ts'
import type { RenderRelease } from './render/renderer.ts'

/** What releases are worked upon with. */
export type ReleaseDeps = {
  readonly clock: Clock
  readonly render: RenderRelease
  /** The manager's caches, for releases in its own cluster. */
  readonly caches?: CacheSet
}

/** The client for a release. */
export type ReleaseClientFor = (target: ReleaseTarget, behaviour: ReleaseBehaviour) => ReleaseClient

/**
 * Clients for releases that share what is known about clusters and records; one of it is enough for a process.
 *
 * @example
 * const clientFor = releaseClients({ clock, render: rendererHere({ ports }), caches })
 * const { failure } = await clientFor(target, behaviour).install({ chart, values }, {}, { timeoutMs, signal })
 */
export function releaseClients(deps: ReleaseDeps): ReleaseClientFor {
  const { caches, clock } = deps
  const reader = recordReader(caches, clock)
  const capabilities = clusterCapabilities(caches, clock)
  return (target, behaviour) => {
    const { cluster, name, storageNamespace } = target
    const records = releaseRecords({ cluster, name, namespace: storageNamespace }, { reader, clock })
    return clientIn({ target, behaviour, deps, records, capabilities })
  }
}

function clientIn(world: ActionWorld): ReleaseClient {
  const { behaviour, records } = world
  const { maxHistory } = behaviour
  return {
    history: (signal) => records.history(signal),
    install: async (content, options, bounds) => await installIn(world, { content, options, bounds }),
    upgrade: async (content, options, bounds) => await upgradeIn(world, { content, options, bounds }),
    rollback: async (revision, options, bounds) => {
      const plan = { ...waitPlan(options, behaviour), replaces: options.force ?? false }
      const settings = {
        ...sharedOptions(options),
        revision,
        maxHistory,
        // Flux 2.9 has an older Helm in it.
        recordsOrigin: false,
        serverSideApply: modeOf(options.serverSideApply),
        cleanupOnFail: options.cleanupOnFail ?? false,
      }
      return await runAction((context) => rollback(context, settings), { world, plan, bounds })
    },
    uninstall: async (options, bounds) => {
      const plan = { ...waitPlan(options, behaviour), propagation: propagationOf(options) }
      const { disableHooks: noHooks = false, keepHistory = false } = options
      const settings = { noHooks, keepHistory }
      return await runAction((context) => uninstall(context, settings), { world, plan, bounds })
    },
    test: async (options, bounds) => {
      // Tests are always watched by the newer rules, as in Helm.
      const plan = { strategy: 'poller', waits: true } as const
      return await runAction((context) => testRelease(context, testFilter(options)), { world, plan, bounds })
    },
    unlock: async (_, bounds) => {
      const plan = { strategy: 'poller', waits: false } as const
      return await runAction(unlock, { world, plan, bounds })
    },
    drift: async (release, ignore, signal) => {
      const { overrideManagers } = behaviour
      return await findDrift(release, { ignore, overrideManagers }, quietSite(world, signal))
    },
    preview: async (content, options, signal) =>
      await previewRelease(world, content, { options, site: quietSite(world, signal) }),
    correct: async (drifted, signal) => await correctDrift(drifted, quietSite(world, signal)),
  }
}

type Request<T> = {
  readonly content: ReleaseContent
  readonly options: T
  readonly bounds: ActionBounds
}

async function installIn(
  world: ActionWorld,
  { content, options, bounds }: Request<HelmInstall>,
): Promise<ActionEnd> {
  const { behaviour } = world
  const { serverSideApply = behaviour.installMethod === 'ssa' } = options
  const policy = options.crds ?? (options.skipCRDs ? 'Skip' : 'Create')
  const method = serverSideApply ? 'ssa' : 'csa'
  const plan = {
    ...waitPlan(options, behaviour),
    skipSchemaValidation: options.disableSchemaValidation ?? false,
    prepare: crdStep(world, content, { policy, method: () => Promise.resolve(method) }),
  }
  const settings = {
    ...sharedOptions(options),
    serverSideApply,
    // Only what comes after it makes room, as in Flux.
    maxHistory: 0,
    replace: options.replace ?? false,
    skipCRDs: true,
    createNamespace: (options.createNamespace ?? false) && !behaviour.isAtHome,
    takeOwnership: !options.disableTakeOwnership,
  }
  return await runAction((context) => install(context, content, settings), { world, plan, bounds })
}

async function upgradeIn(
  world: ActionWorld,
  { content, options, bounds }: Request<HelmUpgrade>,
): Promise<ActionEnd> {
  const { behaviour, records } = world
  const serverSideApply = modeOf(options.serverSideApply)
  const method = async (): Promise<ApplyMethod> => {
    if (serverSideApply !== 'auto') return serverSideApply === 'true' ? 'ssa' : 'csa'
    return (await records.history(bounds.signal)).at(-1)?.applyMethod === 'ssa' ? 'ssa' : 'csa'
  }
  const plan = {
    ...waitPlan(options, behaviour),
    skipSchemaValidation: options.disableSchemaValidation ?? false,
    replaces: options.force ?? false,
    prepare: crdStep(world, content, { policy: options.crds ?? 'Create', method }),
  }
  const settings = {
    ...sharedOptions(options),
    serverSideApply,
    maxHistory: behaviour.maxHistory,
    resetValues: !options.preserveValues,
    reuseValues: options.preserveValues ?? false,
    cleanupOnFail: options.cleanupOnFail ?? false,
    takeOwnership: !options.disableTakeOwnership,
  }
  return await runAction((context) => upgrade(context, content, settings), { world, plan, bounds })
}

function quietSite(world: ActionWorld, signal: AbortSignal): Site {
  return siteOf(world, signal, () => {})
}

type Waits = {
  readonly disableWait?: boolean
  readonly disableWaitForJobs?: boolean
  readonly disableHooks?: boolean
}

function waitPlan({ disableWait = false }: Waits, { waitStrategy }: ReleaseBehaviour): ActionPlan {
  return { strategy: waitStrategy, waits: !disableWait }
}

function sharedOptions({ disableHooks = false, disableWaitForJobs = false }: Waits): {
  readonly noHooks: boolean
  readonly waitForJobs: boolean
} {
  return { noHooks: disableHooks, waitForJobs: !disableWaitForJobs }
}

function crdStep(
  { target, behaviour, deps, capabilities }: ActionWorld,
  content: ReleaseContent,
  { policy, method }: { readonly policy: CrdPolicy; readonly method: () => Promise<ApplyMethod> },
): NonNullable<ActionPlan['prepare']> {
  return async (site) => {
    const options = { policy, method: await method(), labels: behaviour.originLabels }
    const haveChanged = await applyCrds(content, options, { site, clock: deps.clock })
    if (haveChanged) capabilities.forget({ ...target, ...behaviour })
  }
}

/** A mode of the API as Helm has it, where YAML would read its words as booleans. */
function modeOf(mode: ServerSideApplyMode | undefined): string {
  switch (mode) {
    case 'enabled':
      return 'true'
    case 'disabled':
      return 'false'
    case 'auto':
    case undefined:
      return 'auto'
  }
}

function propagationOf({ deletionPropagation = 'background' }: HelmUninstall): Propagation {
  switch (deletionPropagation) {
    case 'foreground':
      return 'Foreground'
    case 'orphan':
      return 'Orphan'
    case 'background':
      return 'Background'
  }
}

function testFilter({ filters = [] }: HelmTest): {
  readonly only: readonly string[]
  readonly without: readonly string[]
} {
  return {
    only: filters.filter((it) => !it.exclude).map(({ name }) => name),
    without: filters.filter((it) => it.exclude).map(({ name }) => name),
  }
}
