import type { ArtifactFetcher } from '@sluice/artifact'
import type { FileTree } from '@sluice/ports'
import type { Run, Step } from '@sluice/runtime'
import type { Artifact, ArtifactGenerator } from '@sluice/toolkit'
import type { SourceDeps } from '../shared/source-deps.ts'

export type ArtifactGeneratorDeps = Omit<SourceDeps, 'requeueDependencyMs'> & {
  readonly fetcher: ArtifactFetcher
  /** Refuses sources of other namespaces. Default: `false`. */
  readonly noCrossNamespaceRefs?: boolean
  /** Pause before sources that are not ready are looked at again. Default: `5_000`. */
  readonly requeueDependencyMs?: number
}

/** What one run works with; steps read and extend it, from the first to the last. */
export type GeneratorWork = {
  readonly run: Run<ArtifactGenerator>
  readonly deps: ArtifactGeneratorDeps
  /** What the sources serve, by alias. */
  sources: ReadonlyMap<string, Artifact>
  /** Digest over all sources, by which the next run knows whether anything changed. */
  sourcesDigest: string
  /** The sources' files, by alias. */
  trees: ReadonlyMap<string, FileTree>
}

export type GeneratorStep = Step<GeneratorWork>

/** An entry of `status.inventory`. */
export type InventoryEntry = {
  readonly name: string
  readonly namespace: string
  readonly digest: string
  readonly filename: string
}

/** What has been made so far. */
export function inventoryOf({ status }: ArtifactGenerator): readonly InventoryEntry[] {
  return status?.inventory ?? []
}

/** Reasons that only this kind has. */
export const generatorReasons = {
  accessDenied: 'AccessDenied',
  validationFailed: 'ValidationFailed',
  sourceFetchFailed: 'SourceFetchFailed',
  reconciliationDisabled: 'ReconciliationDisabled',
  /** Of events about what went well. */
  ready: 'Ready',
} as const
