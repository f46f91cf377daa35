import { ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { decodeImagePolicy, imageAutomationReasons, imagePolicyDefinition, resourceOf } from '@sluice/toolkit'
import { areSamePolicies, selectPolicies } from '../policies.ts'
import { checkOutSource, type SeenRevisions } from '../source/checkout.ts'
import { resolveSource, type Source } from '../source/source.ts'
import { Stall } from '../stall.ts'
import { from, type Step, type Work } from '../work.ts'
import { upToDate } from './conclude.ts'

/** Finds the images that may be set. */
export const observePolicies: Step = async (work) => {
  const { run, deps } = work
  const policies = deps.caches.cache(resourceOf(imagePolicyDefinition))
  await policies.synced(run.signal)
  work.policies = selectPolicies(run.object, policies.list(run.key.namespace).map(decodeImagePolicy))
  return undefined
}

/** Puts together where to read and write. */
export const configureSource: Step = async (work) => {
  const { run, deps } = work
  try {
    work.source = await resolveSource(run.object, {
      cluster: deps.caches.cluster,
      gitHubApps: deps.gitHubApps,
      cloud: deps.cloud,
      noCrossNamespaceRefs: deps.options?.noCrossNamespaceRefs,
      signal: run.signal,
    })
    return undefined
  } catch (cause) {
    if (!(cause instanceof ToolkitError) || cause instanceof Stall) throw cause
    throw new ReconcileFailure(
      imageAutomationReasons.sourceManagerFailed,
      'failed configuring source manager',
      { cause },
    )
  }
}

/** Fetches what there is, unless nothing has changed since there was nothing to do. */
export const checkOut: Step = async (work) => {
  const source = from(work, 'source')
  const seen = seenBefore(work, source)
  const checkout = await fetchSource(work, seen)
  if (checkout) {
    work.checkout = checkout
    return undefined
  }
  return upToDate(work, { isSync: !isTold(source) })
}

/** As {@link checkOut}, from what the repository has now, whatever was seen. */
export async function checkOutAnew(work: Work): Promise<NonNullable<Work['checkout']>> {
  const checkout = await fetchSource(work, undefined)
  if (!checkout) throw new TypeError('a checkout without expectations gives something')
  return checkout
}

async function fetchSource(work: Work, seen: SeenRevisions | undefined): Promise<Work['checkout']> {
  const { run, deps } = work
  try {
    return await checkOutSource(from(work, 'source'), { git: deps.git, signal: run.signal, seen })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ReconcileFailure(imageAutomationReasons.gitOperationFailed, 'failed to checkout source', {
      cause,
    })
  }
}

function seenBefore({ run, memory, policies }: Work, source: Source): SeenRevisions | undefined {
  const { observedSourceRevision: revision, observedPolicies = {} } = run.object.status ?? {}
  if (!policies || !areSamePolicies(observedPolicies, policies.observed)) return undefined
  if (source.isSwitching || source.refspec !== undefined) return memory.seen(run.object, source, policies)
  return revision === undefined ? undefined : { revision, pushRevision: undefined }
}

/** Whether Flux stops at listing what the repository has, which it says in the event. */
function isTold({ isSwitching, refspec, checkoutRef }: Source): boolean {
  return (
    !isSwitching &&
    refspec === undefined &&
    checkoutRef.commit === undefined &&
    checkoutRef.semver === undefined
  )
}
