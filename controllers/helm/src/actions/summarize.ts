import { commonMetadataDigest, postRenderersDigest } from '@sluice/delivery'
import type { Run } from '@sluice/runtime'
import { conditionTypes, type HelmRelease, type HelmReleaseSpec } from '@sluice/toolkit'

/**
 * Makes `Ready` what the newest of the other conditions says, and notes what the release was made with. An undone failure is
 * still a failure.
 *
 * Source: helm-controller of Flux 2.9; FEATURES §6.4.
 */
export function summarize({
  run,
  object,
}: {
  readonly run: Run<HelmRelease>
  readonly object: HelmRelease
}): void {
  const { conditions, status } = run
  const { test = {} } = object.spec
  if (!test.enable) conditions.remove(conditionTypes.testSuccess)
  const winner = newest(run, [
    conditionTypes.remediated,
    ...(test.enable && !test.ignoreFailures ? [conditionTypes.testSuccess] : []),
    conditionTypes.released,
  ])
  if (winner) {
    const outcome = winner.type === conditionTypes.remediated ? 'False' : winner.status
    if (outcome === 'True') conditions.remove(conditionTypes.stalled)
    const { reason, message } = winner
    conditions.set({ type: conditionTypes.ready, status: outcome, reason, message })
  }
  const { postRenderers, commonMetadata } = observedDigests(object.spec)
  status.observedPostRenderersDigest = postRenderers || undefined
  status.observedCommonMetadataDigest = commonMetadata || undefined
}

/** Digests of what is done to the objects of a chart; empty for nothing. */
export function observedDigests({ postRenderers, commonMetadata }: HelmReleaseSpec): {
  readonly postRenderers: string
  readonly commonMetadata: string
} {
  return {
    postRenderers: postRenderers ? postRenderersDigest(postRenderers) : '',
    commonMetadata: commonMetadata ? commonMetadataDigest(commonMetadata) : '',
  }
}

/** The condition of the newest generation; of several, the one that comes first in `types`. */
function newest({ conditions }: Run<HelmRelease>, types: readonly string[]) {
  const found = types.map((type) => conditions.get(type)).filter((it) => it !== undefined)
  const generation = Math.max(...found.map((it) => it.observedGeneration ?? 0))
  return found.find((it) => (it.observedGeneration ?? 0) === generation)
}
