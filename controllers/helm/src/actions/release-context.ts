import type { Release } from '@sluice/chart'
import { ownerLabels, postRendered } from '@sluice/delivery'
import { errorChain } from '@sluice/ports'
import type { Run, RunEvent } from '@sluice/runtime'
import { eventKeys, type HelmRelease, helmReleaseDefinition, type ReleaseSnapshot } from '@sluice/toolkit'
import type { ActionBounds, ReleaseClient, ReleaseTarget } from '../releases/release-client.ts'
import type { History } from '../state/history.ts'
import { type TimedAction, timeoutMs } from '../state/policy.ts'
import type { Written } from '../state/recorded.ts'
import type { Work } from '../work.ts'

/** What the actions of one run work with. */
export type ReleaseContext = {
  readonly work: Work
  readonly client: ReleaseClient
  /** Forgets what was written, for the action that begins. */
  readonly begin: () => void
  readonly written: () => Written
  /** The record that was written last. */
  readonly lastWritten: () => Release | undefined
}

/** How an action ended: an error that left the records as they were, so that the action can be tried again as it is. */
export type ActionOutcome = { readonly error: Error | undefined }

export const done: ActionOutcome = { error: undefined }

const defaultMaxHistory = 5

/** Opens the release of a HelmRelease. */
export function releaseContext(work: Work, target: ReleaseTarget): ReleaseContext {
  const { spec, metadata } = work.object
  const { name = '', namespace = '' } = metadata
  const asHelm3 = work.deps.options?.gates?.useHelm3Defaults ?? false
  const written = new Map<number, Release>()
  const client = work.deps.openRelease(target, {
    postRendering: {
      strategy: spec.postRenderStrategy ?? (asHelm3 ? 'nohooks' : 'combined'),
      helmRelease: postRendered(work.object),
    },
    originLabels: ownerLabels(helmReleaseDefinition.group, { name, namespace }),
    maxHistory: spec.maxHistory ?? defaultMaxHistory,
    // Versions of another cluster's objects mean nothing here.
    ...(!spec.kubeConfig && { observer: work.deps.drift }),
    waitStrategy: spec.waitStrategy?.name ?? (asHelm3 ? 'legacy' : 'poller'),
    installMethod: asHelm3 ? 'csa' : 'ssa',
    isRemote: spec.kubeConfig !== undefined,
    isAtHome: !spec.targetNamespace,
    overrideManagers: work.deps.options?.overrideManagers ?? [],
    ...(work.healthOf && { healthOf: work.healthOf }),
    observe: (release) => {
      // What is written again is the last that was written.
      written.delete(release.revision)
      written.set(release.revision, release)
    },
  })
  return {
    work,
    client,
    begin: () => written.clear(),
    written: () => written,
    lastWritten: () => [...written.values()].at(-1),
  }
}

/** The bounds of an action; without one, of anything. */
export function boundsOf({ run, object, deps }: Work, action?: TimedAction): ActionBounds {
  const { signal, interruption } = run
  const mayEndEarly = deps.options?.gates?.cancelHealthCheckOnNewRevision ?? false
  return { timeoutMs: timeoutMs(object, action), signal, ...(mayEndEarly && { interruption }) }
}

/** What went wrong, as messages have it. Failures of Helm's actions mostly tell of their causes themselves. */
export function failureText(error: Error): string {
  const chain = errorChain(error)
  const innermost = chain.slice(chain.lastIndexOf(': ') + 1)
  return (error.message.includes(innermost) ? error.message : chain).trim()
}

/** Notes the history; an empty one is none. */
export function setHistory({ status }: Run<HelmRelease>, history: History): void {
  status.history = history.length > 0 ? history : undefined
}

/** The message with what Helm would have logged. */
export function withLogs(message: string, logs: readonly string[]): string {
  return logs.length === 0 ? message : `${message}\n\nLast Helm logs:\n\n${logs.join('\n')}`
}

/** Metadata of events about a release that was made. */
export function snapshotMetadata({
  chartVersion,
  configDigest,
  appVersion,
  ociDigest,
}: ReleaseSnapshot): NonNullable<RunEvent['metadata']> {
  return metadataOf({ revision: chartVersion, token: configDigest, appVersion, ociDigest })
}

/** Metadata of events about a release that was to be made. */
export function attemptMetadata(
  { run, configDigest }: Work,
  { version, appVersion }: { readonly version: string; readonly appVersion: string | undefined },
): NonNullable<RunEvent['metadata']> {
  const { lastAttemptedRevisionDigest: ociDigest } = run.status
  return metadataOf({ revision: version, token: configDigest, appVersion, ociDigest })
}

function metadataOf({
  revision,
  token,
  appVersion,
  ociDigest,
}: {
  readonly revision: string
  readonly token: string | undefined
  readonly appVersion: string | undefined
  readonly ociDigest: string | undefined
}): NonNullable<RunEvent['metadata']> {
  return {
    ...(revision && { [eventKeys.revision]: revision }),
    ...(token && { [eventKeys.token]: token }),
    ...(appVersion && { [eventKeys.appVersion]: appVersion }),
    ...(ociDigest && { [eventKeys.ociDigest]: ociDigest }),
  }
}
