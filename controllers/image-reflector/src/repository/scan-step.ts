import { formatDuration, parseDurationMs } from '@sluice/go'
import type { OciRepositoryClient } from '@sluice/oci'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { formatTime, reasons, sourceReasons } from '@sluice/toolkit'
import { causeOf, withDeadline } from '../shared/deadline.ts'
import { markReady } from '../shared/notify.ts'
import { imageRegistry, timeoutMs } from '../shared/registry.ts'
import { excludeTags } from './exclude-tags.ts'
import { releaseTags } from './release-tags.ts'
import type { RepositoryStep, RepositoryWork } from './repository-work.ts'
import { exclusionsOf, scanDue } from './scan-due.ts'

const latestTagsCount = 10

/** Scans the repository if that is due, and says when it will be again. */
export const scanIfDue: RepositoryStep = async (work) => {
  const { run, deps } = work
  // The time is for what comes before the scan, too.
  return withDeadline(timeoutMs(run.object), { clock: deps.clock, signal: run.signal }, async (signal) => {
    const registry = await configure(work, signal)
    const due = await findDue(work)
    if (due.kind === 'later') {
      const next = durationText(due.inMs)
      return conclude(work, {
        trace: `no change in repository configuration since last scan, next scan in ${next}`,
        nextMs: due.inMs,
      })
    }
    const isLost = due.reason === 'no tags in database'
    run.conditions.progress(reasons.progressing, `scanning: ${due.reason}`, { drift: isLost })
    await run.saveStatus()
    await scan(work, registry, signal)
    const nextMs = parseDurationMs(run.object.spec.interval)
    const before = run.object.status?.lastScanResult
    const isSame = before !== undefined && before.revision === run.status.lastScanResult?.revision
    const found = isSame ? 'tags did not change' : 'successful scan'
    return conclude(work, { trace: `${found}, next scan in ${durationText(nextMs)}`, nextMs })
  })
}

async function configure({ run, deps }: RepositoryWork, signal: AbortSignal): Promise<OciRepositoryClient> {
  try {
    return await imageRegistry(run.object, { ...deps, signal })
  } catch (error) {
    const message = 'failed to configure authentication options'
    const cause = causeOf(error, signal)
    throw new ReconcileFailure(sourceReasons.authenticationFailed, message, { cause })
  }
}

async function findDue({ run, deps, name }: RepositoryWork): Promise<ReturnType<typeof scanDue>> {
  const { canonicalImageName = '' } = run.object.status ?? {}
  const stored = await deps.tags.get(canonicalImageName)
  return scanDue(run.object, {
    name,
    isRequested: run.requestedAt !== undefined,
    hasTags: stored !== undefined && stored.tags.length > 0,
    now: deps.clock.now(),
  })
}

async function scan(
  { run, deps, name }: RepositoryWork,
  registry: OciRepositoryClient,
  signal: AbortSignal,
): Promise<void> {
  try {
    const tags = excludeTags(await registry.listTags(), exclusionsOf(run.object))
    const stored = await deps.tags.set(name, tags)
    run.status.lastScanResult = {
      ...(tags.length > 0 && { latestTags: stored.tags.slice(0, latestTagsCount) }),
      revision: stored.revision,
      scanTime: formatTime(deps.clock.now()),
      tagCount: stored.tags.length,
    }
  } catch (error) {
    const cause = causeOf(error, signal)
    throw new ReconcileFailure(sourceReasons.readOperationFailed, 'scan failed', { cause })
  }
}

async function conclude(
  { run, deps, name }: RepositoryWork,
  { trace, nextMs }: { readonly trace: string; readonly nextMs: number },
): Promise<Outcome> {
  const { canonicalImageName: nameBefore } = run.object.status ?? {}
  run.status.canonicalImageName = name
  run.status.observedExclusionList = exclusionsOf(run.object)
  if (nameBefore !== undefined && nameBefore !== name) await releaseTags(nameBefore, run, deps)
  const { tagCount = 0, revision = '' } = run.status.lastScanResult ?? {}
  markReady(run, `successful scan: found ${tagCount} tags with checksum ${revision}`, trace)
  // A scan that comes early by some percent would find that it is not due yet.
  return {
    kind: 'said',
    concluded: true,
    next: nextMs > 0 ? { kind: 'after', ms: nextMs } : { kind: 'nothing' },
  }
}

function durationText(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)))
}
