import { ignoredPointers } from '@sluice/applier'
import {
  type ApplyAllOptions,
  applyStaged,
  type ChangeSet,
  type Cluster,
  formatChange,
  formatObjectId,
  hasChanged,
  idOf,
  type ManagerMatch,
  PartialApplyError,
} from '@sluice/cluster'
import {
  isEncryptedObject,
  normalizeObject,
  ownerLabels,
  withCommonMetadata,
  withLabels,
} from '@sluice/delivery'
import { type Clock, errorChain, type KubeObject, ToolkitError } from '@sluice/ports'
import {
  annotations,
  disabledValue,
  enabledValue,
  fieldManagers,
  type Kustomization,
  kustomizationDefinition,
} from '@sluice/toolkit'
import type { KustomizeOptions } from '../deps.ts'

/** Applying failed; the message ends with what had been done before. */
export class ApplyFailure extends ToolkitError {
  override readonly name = 'ApplyFailure'
  /** What was wrong, one error an object as far as it is about objects. */
  readonly failures: readonly unknown[]

  constructor(message: string, failures: readonly unknown[] = []) {
    super('APPLY_FAILED', message)
    this.failures = failures
  }
}

export type ApplyStepOptions = {
  readonly target: Cluster
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly options: KustomizeOptions
  /** How many objects may fail their dry run before the others are not looked at. */
  readonly maxFailures: number
}

/** What was applied: all changes, and a line for each that changed the cluster. */
export type Applied = { readonly changes: ChangeSet; readonly log: string }

const { group } = kustomizationDefinition
const ownManager = fieldManagers.kustomizeControllerApply

/** Traces of earlier appliers. Source: FEATURES of Flux 2.9, §5.5. */
const legacyAnnotations = [
  annotations.lastAppliedConfiguration,
  `${group}/checksum`,
  'fluxcd.io/sync-checksum',
] as const
const legacyLabels = ['fluxcd.io/sync-gc-mark'] as const

/** The labels by which the objects of a Kustomization are known. */
export function labelsOf({
  metadata: { name = '', namespace = '' },
}: Kustomization): Readonly<Record<string, string>> {
  return ownerLabels(group, { name, namespace })
}

/** The objects as they are applied: labelled, normalized, with common metadata. */
export function prepareObjects(object: Kustomization, built: readonly KubeObject[]): readonly KubeObject[] {
  const labels = labelsOf(object)
  return built.map((item) =>
    withCommonMetadata(normalizeObject(withLabels(item, labels)), object.spec.commonMetadata),
  )
}

/**
 * Applies the objects in stages.
 *
 * @throws {ApplyFailure}
 */
export async function applyObjects(
  object: Kustomization,
  objects: readonly KubeObject[],
  stepOptions: ApplyStepOptions,
): Promise<Applied> {
  const { signal } = stepOptions
  for (const item of objects) refuseEncrypted(item)
  try {
    const changes = await applyStaged(objects, applyOptions(object, stepOptions))
    return { changes, log: changeLog(changes).join('\n') }
  } catch (error) {
    signal.throwIfAborted()
    const { changes = [], failures = [error] } = error instanceof PartialApplyError ? error : {}
    throw new ApplyFailure([errorChain(error), ...changeLog(changes), ''].join('\n'), failures)
  }
}

/** How the objects of a Kustomization are applied. */
export function applyOptions(
  { spec }: Kustomization,
  { target, clock, signal, options, maxFailures }: ApplyStepOptions,
): ApplyAllOptions {
  const ssa = annotations.ssa
  return {
    cluster: target,
    clock,
    signal,
    fieldManager: ownManager,
    force: spec.force ?? false,
    forced: { [annotations.force]: enabledValue },
    excluded: { [annotations.reconcile]: disabledValue, [ssa]: 'Ignore' },
    ifNotPresent: { [ssa]: 'IfNotPresent' },
    cleanup: {
      annotations: legacyAnnotations,
      labels: legacyLabels,
      managers: takenOver(options.overrideManagers ?? []),
      exempt: { [ssa]: 'Merge' },
    },
    ignoredPointers: ignoredPointers(spec.ignore ?? []),
    customStageKinds: new Set(options.customApplyStageKinds ?? []),
    concurrency: options.concurrentSsa ?? 4,
    maxFailures,
  }
}

/** A line for each change, without what stayed as it was. */
function changeLog(changes: ChangeSet): readonly string[] {
  return changes.filter(hasChanged).map(formatChange)
}

/** Those of kubectl, in both forms, and of the controller from before it used server-side apply. */
export function takenOver(more: readonly string[]): readonly ManagerMatch[] {
  return [
    ...both('kubectl'),
    { prefix: 'before-first-apply', operation: 'Update' },
    { prefix: ownManager, operation: 'Update' },
    ...more.flatMap(both),
  ]
}

function both(prefix: string): readonly ManagerMatch[] {
  return [
    { prefix, operation: 'Apply' },
    { prefix, operation: 'Update' },
  ]
}

/** @throws {ApplyFailure} for a Secret that nobody decrypted. */
export function refuseEncrypted(object: KubeObject): void {
  const { apiVersion, kind, metadata } = object
  const optsOut = metadata.annotations?.[annotations.decrypt]?.toLowerCase() === disabledValue
  if (apiVersion !== 'v1' || kind !== 'Secret' || optsOut || !isEncryptedObject(object)) return
  throw new ApplyFailure(
    `${formatObjectId(idOf(object))} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
  )
}
