import { ArtifactError, type ArtifactFetcher } from '@sluice/artifact'
import type { Chart, ChartCache } from '@sluice/chart'
import type { Artifact } from '@sluice/toolkit'

/** What is known of a chart without having it in memory. */
export type ChartFacts = { readonly name: string; readonly version: string; readonly appVersion: string }

/** Loads charts of artifacts, each once as long as it is kept. */
export interface ChartLoader {
  /** The chart's metadata; known for longer than the chart is kept. */
  facts(artifact: Artifact, options: { readonly signal: AbortSignal }): Promise<ChartFacts>
  load(artifact: Artifact, options: { readonly signal: AbortSignal }): Promise<Chart>
}

/** Facts are small: as many as there may be charts in use. */
const maxFacts = 20_000

export function chartLoader({
  fetcher,
  charts,
}: {
  readonly fetcher: ArtifactFetcher
  readonly charts: Pick<ChartCache, 'get' | 'load'>
}): ChartLoader {
  const known = new Map<string, ChartFacts>()
  const loading = new Map<string, Promise<Chart>>()

  return {
    facts: async (artifact, options) =>
      known.get(artifact.digest) ?? remember(artifact, await load(artifact, options)),
    load,
  }

  async function load(artifact: Artifact, options: { readonly signal: AbortSignal }): Promise<Chart> {
    const { digest } = artifact
    const kept = charts.get(digest)
    if (kept) return kept
    // Many releases of one chart ask for it at the same time.
    const pending =
      loading.get(digest) ?? fetchAndLoad(artifact, options).finally(() => loading.delete(digest))
    loading.set(digest, pending)
    return await pending
  }

  async function fetchArchive(
    artifact: Artifact,
    options: { readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    try {
      return await fetcher.fetchBytes(artifact, options)
    } catch (error) {
      if (!(error instanceof ArtifactError) || error.code !== 'ARTIFACT_DIGEST_MISMATCH') throw error
      const message = `integrity failure: computed digest doesn't match '${artifact.digest}'`
      throw new ArtifactError(error.code, message)
    }
  }

  async function fetchAndLoad(artifact: Artifact, options: { readonly signal: AbortSignal }): Promise<Chart> {
    const chart = charts.load(artifact.digest, await fetchArchive(artifact, options))
    remember(artifact, chart)
    return chart
  }

  function remember({ digest }: Artifact, { metadata }: Chart): ChartFacts {
    const { name, version, appVersion } = metadata
    const facts = { name, version, appVersion }
    known.delete(digest)
    known.set(digest, facts)
    const [oldest] = known.size > maxFacts ? known.keys() : []
    if (oldest !== undefined) known.delete(oldest)
    return facts
  }
}
