import type { CacheChange } from '@sluice/cluster'
import type { KubeObject } from '@sluice/ports'
import { announce, type Reconciler, runSteps, type Watch } from '@sluice/runtime'
import {
  conditionTypes,
  decodeImagePolicy,
  fieldManagers,
  finalizer,
  findCondition,
  type ImagePolicy,
  type ImageRepository,
  imagePolicyDefinition,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import type { ImageReflectorDeps } from '../deps.ts'
import { imageConditions } from '../shared/conditions.ts'
import { namespaces } from './access-rules.ts'
import { conclude } from './conclude-step.ts'
import { checkInterval, checkRepository, decide } from './decide-step.ts'
import { createDecisions } from './decisions.ts'
import { reflectImage } from './digest-step.ts'
import { findRepository, imageRepositories, repositoryKey } from './find-repository.ts'
import type { PolicyStep } from './policy-work.ts'

const steps: readonly PolicyStep[] = [
  checkInterval,
  ({ run }) => announce(run),
  findRepository,
  checkRepository,
  decide,
  reflectImage,
  conclude,
]

/** Reconciles ImagePolicies: chooses one of the tags that were scanned. */
export function imagePolicyController(deps: ImageReflectorDeps): Reconciler<ImagePolicy> {
  const decisions = createDecisions()
  return {
    resource: resourceOf(imagePolicyDefinition),
    decode: decodeImagePolicy,
    controller: fieldManagers.imageReflectorController,
    fieldManager: fieldManagers.imageReflectorController,
    finalizer,
    conditions: imageConditions,
    reconcile: (run) => runSteps({ run, deps, decisions, tag: '' }, steps),
    finalize: ({ object }) => {
      decisions.forget(object)
      return Promise.resolve(undefined)
    },
    watches: [repositoryWatch, namespaceWatch],
  }
}

/** Other tags, or other rules for whom these kept out. */
const repositoryWatch: Watch<ImagePolicy> = {
  resource: imageRepositories,
  refersTo: (policy) => [repositoryKey(policy)],
  concerns: (policy, change) => hasOtherTags(change) || (isDenied(policy) && hasOtherRules(change)),
}

/** The labels of the policy's own namespace say whether it may refer to a repository elsewhere. */
const namespaceWatch: Watch<ImagePolicy> = {
  resource: namespaces,
  metadataOnly: true,
  refersTo: ({ metadata: { namespace = '' } }) => [{ name: namespace }],
  when: ({ before, after }) =>
    JSON.stringify(before?.metadata.labels ?? {}) !== JSON.stringify(after?.metadata.labels ?? {}),
  concerns: isDenied,
}

/**
 * Flux looks at a policy again when the repository comes or goes as well, and forgets that another image may have the same
 * tags.
 */
function hasOtherTags({ before, after }: CacheChange<KubeObject>): boolean {
  if (!before || !after) return true
  const [was, is] = [before, after].map((it) => (it as ImageRepository).status)
  if (!is?.lastScanResult) return false
  const isSameImage = was?.canonicalImageName === is.canonicalImageName
  return !isSameImage || was?.lastScanResult?.revision !== is.lastScanResult.revision
}

function hasOtherRules({ before, after }: CacheChange<KubeObject>): boolean {
  const [was, is] = [before, after].map((it) => (it as ImageRepository | undefined)?.spec.accessFrom)
  return JSON.stringify(was) !== JSON.stringify(is)
}

function isDenied({ status }: ImagePolicy): boolean {
  return findCondition(status?.conditions ?? [], conditionTypes.ready)?.reason === reasons.accessDenied
}
