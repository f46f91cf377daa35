import { type Reconciler, type Run, runSteps } from '@sluice/runtime'
import {
  decodeOciRepository,
  fieldManagers,
  finalizer,
  type OciRepository,
  ociRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import { sourceConditions, sourceFailures } from '../shared/conditions.ts'
import { notifySuccess } from '../shared/notify.ts'
import { announceAfresh, observeStorage, removeArtifacts } from '../shared/storage-step.ts'
import { archiveLayer } from './archive-step.ts'
import type { OciRepositoryDeps, OciStep, OciWork } from './oci-work.ts'
import { pull, resolveRevision } from './pull-step.ts'
import { configureRegistry } from './remote-step.ts'
import { verifyArtifact } from './verify-step.ts'

const steps: readonly OciStep[] = [
  ({ run }) => announceAfresh(run),
  ({ run, deps }) => observeStorage(run, deps.store),
  configureRegistry,
  resolveRevision,
  verifyArtifact,
  pull,
  archiveLayer,
]

/** Reconciles OCIRepositories: pulls what they name from a registry and serves it as an artifact. */
export function ociRepositoryController(deps: OciRepositoryDeps): Reconciler<OciRepository> {
  return {
    resource: resourceOf(ociRepositoryDefinition),
    decode: decodeOciRepository,
    controller: fieldManagers.sourceController,
    fieldManager: fieldManagers.sourceController,
    finalizer,
    answersWhileSuspended: true,
    conditions: sourceConditions({ verified: true }),
    reconcile: async (run) => {
      const work: OciWork = { run, deps, revision: '', digest: '' }
      const outcome = await runSteps(work, steps)
      if (outcome.kind === 'done') notifySuccess(run, messageFor(run), sourceFailures)
      return outcome
    },
    finalize: (run) => removeArtifacts(run, deps.store),
  }
}

function messageFor({ object, status }: Run<OciRepository>): string {
  const { revision = '', metadata = {} } = status.artifact ?? {}
  const message = `stored artifact with revision '${revision}' from '${object.spec.url}'`
  const source = metadata['org.opencontainers.image.source']
  const origin = metadata['org.opencontainers.image.revision']
  if (!source || !origin) return message
  return `${message}, origin source '${source}', origin revision '${origin}'`
}
