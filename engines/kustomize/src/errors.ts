import { quote } from '@sluice/go'
import { errorChain, ToolkitError } from '@sluice/ports'

/** Why a build failed. */
export type KustomizeErrorCode =
  /** A kustomization file is missing, there are several, or it is not one. */
  | 'KUSTOMIZATION_INVALID'
  /** A path is missing, leaves its root, or leads back to where it came from. */
  | 'PATH_INVALID'
  /** A text is not YAML. */
  | 'MALFORMED_YAML'
  /** What a text holds are not resources. */
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
export function during<T>(what: string, step: () => T, code: KustomizeErrorCode = 'BUILD_FAILED'): T {
  try {
    return step()
  } catch (cause) {
    throw new KustomizeError(code, what, { cause })
  }
}

/** As {@link during}, for values that are decoded with the library of Kubernetes. */
export function unmarshaling<T>(step: () => T): T {
  return during('error unmarshaling JSON: while decoding JSON', step)
}

/** As {@link during}, for failures that Go prints in quotes. */
export function quoting<T>(what: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw new KustomizeError('BUILD_FAILED', `${what} ${quote(errorChain(error))}`)
  }
}

/** Runs `step`, and names the file of text that is no YAML. */
export function inFile<T>(path: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof KustomizeError && error.code === 'MALFORMED_YAML')) throw error
    throw new KustomizeError('MALFORMED_YAML', `${errorChain(error)} in File: ${path}`)
  }
}

/** Whether what failed is the reading of YAML. */
export function isMalformed(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof KustomizeError && at.code === 'MALFORMED_YAML') return true
  }
  return false
}

/** The error of a class among an error and its causes. */
export function causeOf<T>(error: unknown, type: abstract new (...args: never[]) => T): T | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof type) return at
  return undefined
}
