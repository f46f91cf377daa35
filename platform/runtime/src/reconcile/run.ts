import type { ObjectKey } from '@sluice/cluster'
import type { Logger } from '@sluice/ports'
import type { ConditionEditor, ToolkitObject } from '@sluice/toolkit'

/** An event about the object. `Trace` stays in the cluster as Normal and is not forwarded to notifications. */
export type RunEvent = {
  readonly type: 'Normal' | 'Warning' | 'Trace'
  readonly reason: string
  readonly message: string
  /** Keys without prefix: the API group of the object is put before them. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** The status of `T` while it is worked on; conditions have their editor. Set a field to `undefined` to remove it. */
export type StatusDraft<T extends ToolkitObject> = {
  -readonly [K in Exclude<keyof NonNullable<T['status']>, 'conditions'>]?:
    | NonNullable<T['status']>[K]
    | undefined
}

/** One reconciliation of one object: what a kind's steps work with. */
export interface Run<T extends ToolkitObject> {
  readonly key: ObjectKey & { readonly namespace: string }
  /** The object as it was when the run began. Never changed. */
  readonly object: T
  readonly status: StatusDraft<T>
  readonly conditions: ConditionEditor
  /** Ends the run: the process stops. */
  readonly signal: AbortSignal
  /**
   * Aborted when a change asks for another run, with a {@link RunInterruption} as its reason. That run follows in any case;
   * this one may come to its end earlier.
   */
  readonly interruption: AbortSignal
  /** Names the object on each line. */
  readonly log: Logger
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt: number
  /** The value of the requestedAt annotation if this run is the one that handles it. */
  readonly requestedAt: string | undefined
  event(event: RunEvent): void
  /** Writes what has changed in status and conditions now, for people to see progress. Nothing changed, no request. */
  saveStatus(): Promise<void>
}
