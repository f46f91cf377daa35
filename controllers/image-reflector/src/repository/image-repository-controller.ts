import { ImageError } from '@sluice/image'
import { announce, type Outcome, type Reconciler, runSteps } from '@sluice/runtime'
import {
  decodeImageRepository,
  fieldManagers,
  finalizer,
  type ImageRepository,
  imageReflectorReasons,
  imageRepositoryDefinition,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import type { ImageReflectorDeps } from '../deps.ts'
import { imageConditions } from '../shared/conditions.ts'
import { canonicalName, identityRefusal } from '../shared/registry.ts'
import { releaseTags } from './release-tags.ts'
import type { RepositoryStep, RepositoryWork } from './repository-work.ts'
import { scanIfDue } from './scan-step.ts'

const steps: readonly RepositoryStep[] = [checkIdentity, ({ run }) => announce(run), nameImage, scanIfDue]

/** Reconciles ImageRepositories: reads the tags of an image when that is due, and keeps them for policies. */
export function imageRepositoryController(deps: ImageReflectorDeps): Reconciler<ImageRepository> {
  return {
    resource: resourceOf(imageRepositoryDefinition),
    decode: decodeImageRepository,
    controller: fieldManagers.imageReflectorController,
    fieldManager: fieldManagers.imageReflectorController,
    finalizer,
    conditions: imageConditions,
    reconcile: (run) => runSteps({ run, deps, name: '' }, steps),
    finalize: async (run) => {
      const { canonicalImageName } = run.object.status ?? {}
      if (canonicalImageName !== undefined) await releaseTags(canonicalImageName, run, deps)
      return undefined
    },
  }
}

function checkIdentity({ run, deps }: RepositoryWork): Promise<Outcome | undefined> {
  const message = identityRefusal(run.object, deps.objectLevelWorkloadIdentity)
  if (message === undefined) return Promise.resolve(undefined)
  return Promise.resolve({ kind: 'stalled', reason: reasons.featureGateDisabled, message })
}

async function nameImage(work: RepositoryWork): Promise<Outcome | undefined> {
  try {
    work.name = canonicalName(work.run.object.spec.image)
    return undefined
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { kind: 'stalled', reason: imageReflectorReasons.imageUrlInvalid, message: error.message }
  }
}
