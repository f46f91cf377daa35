import { isApiError, MissingError, type ObjectKey, type Resource } from '@sluice/cluster'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import {
  decodeImageRepository,
  type ImagePolicy,
  type ImageRepository,
  imageReflectorReasons,
  imageRepositoryDefinition,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import { AccessDeniedError, checkAccess } from './access-rules.ts'
import type { PolicyWork } from './policy-work.ts'

export const imageRepositories: Resource = resourceOf(imageRepositoryDefinition)

/** The ImageRepository that a policy refers to. */
export function repositoryKey({ spec, metadata }: ImagePolicy): Required<ObjectKey> {
  const { name, namespace } = spec.imageRepositoryRef
  return { name, namespace: namespace || (metadata.namespace ?? '') }
}

/** Finds the repository, provided that the policy may use it. */
export async function findRepository(work: PolicyWork): Promise<Outcome | undefined> {
  try {
    work.repository = await readRepository(work)
    return undefined
  } catch (cause) {
    // Who may refer to whom may change without notice, so all of this is tried again.
    throw new ReconcileFailure(reasonOf(cause), 'failed to get the referred ImageRepository', { cause })
  }
}

async function readRepository({ run, deps }: PolicyWork): Promise<ImageRepository> {
  const { cluster, noCrossNamespaceRefs = false } = deps
  const key = repositoryKey(run.object)
  if (noCrossNamespaceRefs && key.namespace !== run.key.namespace) {
    const what = `'ImageRepository/${key.namespace}/${key.name}'`
    throw new AccessDeniedError(`cannot access ${what}, cross-namespace references have been blocked`)
  }
  const repository = await getRepository({ run, deps }, key)
  const { accessFrom } = repository.spec
  try {
    await checkAccess(run.key.namespace, key, { accessFrom, cluster, signal: run.signal })
  } catch (cause) {
    throw cause instanceof AccessDeniedError ? new AccessDeniedError('access denied', { cause }) : cause
  }
  return repository
}

async function getRepository(
  { run, deps }: Pick<PolicyWork, 'run' | 'deps'>,
  key: ObjectKey,
): Promise<ImageRepository> {
  try {
    return decodeImageRepository(await deps.cluster.get(imageRepositories, key, { signal: run.signal }))
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    const { kind, group } = imageRepositories
    throw new MissingError(
      `referenced ImageRepository does not exist: ${kind}.${group} "${key.name}" not found`,
    )
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AccessDeniedError) return reasons.accessDenied
  return error instanceof MissingError ? reasons.dependencyNotReady : imageReflectorReasons.failure
}
