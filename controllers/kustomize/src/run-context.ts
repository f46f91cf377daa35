import type { Run } from '@sluice/runtime'
import { conditionTypes, eventKeys, type Kustomization, reasons } from '@sluice/toolkit'
import { inProgress, type Phase, phaseText } from './messages.ts'

/** What a run applies: a revision, and where that comes from. */
export type Revision = { readonly revision: string; readonly originRevision: string | undefined }

/** Metadata of events about a revision; keys without the group's prefix. */
export function revisionMetadata({
  revision,
  originRevision,
}: Partial<Revision>): Readonly<Record<string, string>> {
  return {
    ...(revision ? { [eventKeys.revision]: revision } : {}),
    ...(originRevision ? { [eventKeys.originRevision]: originRevision } : {}),
  }
}

/** An event about the revision; its reason is the one that Ready has at that moment, as Flux has it. */
export function emit(
  run: Run<Kustomization>,
  message: string,
  {
    revision,
    type = 'Normal',
    extra = {},
  }: {
    readonly revision: Partial<Revision>
    readonly type?: 'Normal' | 'Warning'
    readonly extra?: Readonly<Record<string, string>>
  },
): void {
  const reason = run.conditions.get(conditionTypes.ready)?.reason ?? reasons.progressing
  run.event({ type, reason, message, metadata: { ...revisionMetadata(revision), ...extra } })
}

/** Says in the status what the run does now. */
export async function announce(run: Run<Kustomization>, phase: Phase, { revision }: Revision): Promise<void> {
  const { conditions, object } = run
  if (phase === 'Fetching manifests') {
    conditions.markUnknown(conditionTypes.ready, reasons.progressing, inProgress)
  }
  conditions.markReconciling(reasons.progressing, phaseText(phase, revision, object))
  if (phase === 'Running health checks') {
    conditions.markUnknown(conditionTypes.healthy, reasons.progressing, phaseText(phase, revision, object))
  }
  await run.saveStatus()
}
