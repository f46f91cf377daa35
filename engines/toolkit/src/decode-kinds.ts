import { gitRepositoryDefinition } from './crds/git-repository.ts'
import { kustomizationDefinition } from './crds/kustomization.ts'
import { checkObject } from './decode.ts'
import type { GitRepository } from './kinds/git-repository.ts'
import type { Kustomization } from './kinds/kustomization.ts'

/** `value` as a GitRepository. @throws {DecodeError} when it is not of that shape. */
export function decodeGitRepository(value: unknown): GitRepository {
  checkObject(value, gitRepositoryDefinition)
  return value as GitRepository
}

/** `value` as a Kustomization. @throws {DecodeError} when it is not of that shape. */
export function decodeKustomization(value: unknown): Kustomization {
  checkObject(value, kustomizationDefinition)
  return value as Kustomization
}
