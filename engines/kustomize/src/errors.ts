import { quote } from '@sluice/go'
import { errorChain, ToolkitError } from '@sluice/ports'
import { YamlError } from '@sluice/yaml'

/** Why a build failed. */
export type KustomizeErrorCode =
  /** A kustomization file is missing, there are several, or it is not one. */
  | 'KUSTOMIZATION_INVALID'
  /** A path is missing, leaves its root, or leads back to where it came from. */
  | 'PATH_INVALID'
  /** A file is not YAML, or what it holds are not resources. */
  | 'RESOURCE_INVALID'
  /** Two resources have one identity. */
  | 'RESOURCE_CONFLICT'
  /** A patch, replacement, reference or variable has no target, or too many. */
  | 'TARGET_INVALID'
  /** The configuration of a generator or transformer is wrong. */
  | 'PLUGIN_INVALID'
  /** A plugin that would run code, or a remote or Helm source that the caller does not allow. */
  | 'NOT_ALLOWED'
  /** A field is not there, or is not of the kind that is needed. */
  | 'FIELD_INVALID'
  /** A bound was exceeded. */
  | 'LIMIT_EXCEEDED'
  /** What was done to a resource failed; `cause` says how. */
  | 'BUILD_FAILED'

/** A build failed. The message names file, object and field, as far as they are known. */
export class KustomizeError extends ToolkitError {
  override readonly name = 'KustomizeError'

  constructor(code: KustomizeErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** Runs `step`, and says of its failure what was being done. */
export function during<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw new KustomizeError('BUILD_FAILED', what, { cause })
  }
}

/** As {@link during}, for failures that Go prints in quotes. */
export function quoting<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new KustomizeError('BUILD_FAILED', `${what} ${quote(errorChain(error))}`)
  }
}

/** Whether what failed is the reading of YAML. */
export function isMalformed(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof YamlError) return true
  }
  return false
}
