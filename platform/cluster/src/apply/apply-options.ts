import type { Clock, KubeObject } from '@sluice/ports'
import type { Cluster } from '../cluster.ts'
import type { ManagerMatch } from './managed-fields.ts'
import type { MetadataMatch } from './metadata-match.ts'

/** What to remove from objects that were applied by other means before. */
export type ApplyCleanup = {
  readonly annotations?: readonly string[]
  readonly labels?: readonly string[]
  /** Managers whose fields the applier takes over. */
  readonly managers?: readonly ManagerMatch[]
  /** Objects that keep all of it. */
  readonly exempt?: MetadataMatch
}

export type ApplyOptions = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Owns what is applied. */
  readonly fieldManager: string
  /** Objects whose immutable fields changed are deleted and created again. Default: `false`. */
  readonly force?: boolean
  /** The same for single objects. */
  readonly forced?: MetadataMatch
  /** Objects that are not applied at all. */
  readonly excluded?: MetadataMatch
  /** Objects that are created and then left alone. */
  readonly ifNotPresent?: MetadataMatch
  readonly cleanup?: ApplyCleanup
  /** JSON pointers to fields of the object that are not the applier's business. */
  readonly ignoredPointers?: (object: KubeObject) => readonly string[]
  /** Kinds of a stage of their own after definitions and classes, as `group/Kind`. */
  readonly customStageKinds?: ReadonlySet<string>
  /** How many objects of a stage may fail their dry run before the others are not looked at. Default: `1`. */
  readonly maxFailures?: number
  /** Requests at the same time. Default: `4`. */
  readonly concurrency?: number
  /** How long definitions and classes may take to become ready. Default: `60_000`. */
  readonly waitTimeoutMs?: number
}
