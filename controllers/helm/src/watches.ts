import { configWatches, dependencyWatch } from '@sluice/applier'
import type { CacheChange } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import type { Watch } from '@sluice/runtime'
import {
  type Artifact,
  findCondition,
  type HelmRelease,
  helmReleaseDefinition,
  resourceOf,
  type SourceStatus,
} from '@sluice/toolkit'
import { type ChartSourceKind, chartReference, chartSourceKinds } from './charts/chart-source.ts'
import type { HelmOptions } from './deps.ts'

/** What wakes HelmReleases beside themselves. */
export function helmReleaseWatches(options: HelmOptions = {}): readonly Watch<HelmRelease>[] {
  return [
    sourceWatch('HelmChart'),
    sourceWatch('OCIRepository'),
    sourceWatch('ExternalArtifact'),
    dependencyWatch<HelmRelease>(resourceOf(helmReleaseDefinition)),
    ...configWatches<HelmRelease>(namesOf, {
      ...options,
      ...(options.gates?.disableConfigWatchers && { disableConfigWatchers: true }),
    }),
  ]
}

/** A new artifact wakes who releases it, and has not attempted it yet or is in trouble. */
function sourceWatch(kind: ChartSourceKind): Watch<HelmRelease> {
  return {
    resource: chartSourceKinds[kind],
    refersTo: (object) => {
      const reference = chartReference(object)
      return reference?.kind === kind ? [reference.key] : []
    },
    when: offersMore,
    concerns: (object, { after }) => {
      const artifact = artifactOf(after)
      return artifact !== undefined && !(isAtEase(object) && isAttempted(kind, artifact, object))
    },
  }
}

/** Whether a source has another artifact than before, or became ready. */
function offersMore({ before, after }: CacheChange<KubeObject>): boolean {
  if (!before || !after) return false
  const [was, is] = [artifactOf(before), artifactOf(after)]
  if (is && was?.revision !== is.revision) return true
  return !hasCondition(before, 'Ready') && hasCondition(after, 'Ready')
}

function isAttempted(kind: ChartSourceKind, { revision }: Artifact, { status }: HelmRelease): boolean {
  if (kind === 'HelmChart' || !revision.includes(':')) return status?.lastAttemptedRevision === revision
  const digest = revision.includes('@') ? revision.split('@')[1] : revision
  return digest === status?.lastAttemptedRevisionDigest
}

/** Ready, or at work: then there is nothing to be helped by the same artifact. */
function isAtEase(object: HelmRelease): boolean {
  return hasCondition(object, 'Ready') || hasCondition(object, 'Reconciling')
}

function hasCondition(object: KubeObject, type: string): boolean {
  const { conditions = [] } = (object['status'] ?? {}) as SourceStatus
  return findCondition(conditions, type)?.status === 'True'
}

function artifactOf(object: KubeObject | undefined): Artifact | undefined {
  return ((object?.['status'] ?? {}) as SourceStatus).artifact
}

/** Secrets and ConfigMaps that are read beside the chart. */
function namesOf(kind: 'Secret' | 'ConfigMap', { spec }: HelmRelease): readonly (string | undefined)[] {
  const { valuesFrom = [], kubeConfig } = spec
  const own = kind === 'Secret' ? kubeConfig?.secretRef?.name : kubeConfig?.configMapRef?.name
  return [...valuesFrom.filter((item) => item.kind === kind).map(({ name }) => name), own]
}
