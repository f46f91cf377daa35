import {
  type CloudAccess,
  FeatureGateError,
  GitAccessError,
  gitRemote,
  proxyFromSecret,
  readSecret,
  type Secret,
} from '@sluice/access'
import { ApiError, type Cluster, isApiError } from '@sluice/cluster'
import type { GitHubApps, GitRef, GitRemote, GitSigner } from '@sluice/git'
import { parseDurationMs } from '@sluice/go'
import { type HttpProxy, ToolkitError } from '@sluice/ports'
import {
  decodeGitRepository,
  type GitRepository,
  gitRepositoryDefinition,
  type ImageUpdateAutomation,
  imageAutomationReasons,
  messages,
  reasons,
  resourceOf,
} from '@sluice/toolkit'
import { Stall } from '../stall.ts'
import { signerOf } from './signing-key.ts'

/** Where an automation reads and writes. */
export type Source = {
  readonly remote: GitRemote
  readonly checkoutRef: GitRef
  /** Short name of the branch that is pushed to. */
  readonly pushBranch: string
  /** Whether that is another branch than the one that is checked out. */
  readonly isSwitching: boolean
  readonly refspec: string | undefined
  readonly pushOptions: Readonly<Record<string, string>>
  readonly sign: GitSigner | undefined
  /** For each request. */
  readonly timeoutMs: number
}

export type SourceOptions = {
  readonly cluster: Cluster
  readonly gitHubApps?: GitHubApps | undefined
  readonly cloud?: CloudAccess | undefined
  readonly noCrossNamespaceRefs?: boolean | undefined
  readonly signal: AbortSignal
}

/** Why a source cannot be worked with; not before it, or what it names, changes. */
class SourceError extends ToolkitError {
  override readonly name = 'SourceError'

  constructor(message: string, options?: ErrorOptions) {
    super('AUTOMATION_SOURCE', message, options)
  }
}

const defaultTimeout = '60s'
const defaultBranch = 'master'
const invalidSource = 'invalid source configuration'

/** The key of the GitRepository that an automation names. */
export function sourceKey({ spec, metadata }: ImageUpdateAutomation): {
  readonly namespace: string
  readonly name: string
} {
  return { namespace: spec.sourceRef.namespace ?? metadata.namespace ?? '', name: spec.sourceRef.name }
}

/**
 * Puts together how and where an automation works.
 *
 * Source: FEATURES of Flux 2.9, §8; fluxcd/image-automation-controller, internal/source.
 * @throws {Stall} for what only a change of the objects can mend
 * @throws {ToolkitError} for all else, with what Flux says after `failed configuring source manager: `
 */
export async function resolveSource(object: ImageUpdateAutomation, options: SourceOptions): Promise<Source> {
  const { kind } = object.spec.sourceRef
  const { git } = object.spec
  if (kind !== 'GitRepository') throw invalid(`source kind '${String(kind)}' not supported`)
  if (!git) throw invalid(`source kind '${kind}' necessitates field .spec.git`)
  const key = sourceKey(object)
  const namespace = object.metadata.namespace ?? ''
  if (options.noCrossNamespaceRefs && key.namespace !== namespace) {
    throw new Stall(reasons.accessDenied, messages.crossNamespaceBlocked(kind, key.namespace, key.name))
  }
  const repository = await readRepository(key, options)
  const checkoutRef = git.checkout?.ref ?? repository.spec.ref
  const { signingKey } = git.commit
  const push = pushTarget(git.push?.branch, checkoutRef)
  const remote = await remoteOf(repository, { ...options, namespace: key.namespace })
  return {
    ...push,
    remote,
    checkoutRef: checkoutRef ?? {},
    refspec: git.push?.refspec || undefined,
    pushOptions: git.push?.options ?? {},
    sign: signingKey && (await signerOf(signingKey, { ...options, namespace })),
    timeoutMs: parseDurationMs(repository.spec.timeout ?? defaultTimeout),
  }
}

async function readRepository(
  key: { readonly namespace: string; readonly name: string },
  { cluster, signal }: SourceOptions,
): Promise<GitRepository> {
  const resource = resourceOf(gitRepositoryDefinition)
  try {
    return decodeGitRepository(await cluster.get(resource, key, { signal }))
  } catch (cause) {
    if (!isApiError(cause, 'NotFound')) {
      throw new SourceError('failed to get referenced git repository', { cause })
    }
    // Flux reads it from a cache, which says it so.
    const message = `${resource.kind}.${resource.group} "${key.name}" not found`
    throw new SourceError('referenced git repository does not exist', {
      cause: new ApiError({ ...cause.status, message }),
    })
  }
}

function pushTarget(
  branch: string | undefined,
  checkoutRef: GitRef | undefined,
): Pick<Source, 'pushBranch' | 'isSwitching'> {
  if (branch) {
    const checkoutBranch = checkoutRef ? checkoutRef.branch : defaultBranch
    return { pushBranch: branch, isSwitching: branch !== checkoutBranch }
  }
  if (!checkoutRef?.branch) {
    throw new SourceError(
      'push spec not provided, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref',
    )
  }
  return { pushBranch: checkoutRef.branch, isSwitching: false }
}

async function remoteOf(
  { spec }: GitRepository,
  options: SourceOptions & { readonly namespace: string },
): Promise<GitRemote> {
  const { url, provider, secretRef, proxySecretRef, serviceAccountName } = spec
  const { namespace } = options
  const proxy = proxySecretRef && (await readProxy(proxySecretRef.name, options))
  const secret = secretRef && (await readCredentials(secretRef.name, options))
  if (!URL.canParse(url)) throw new SourceError(`failed to parse URL '${url}'`)
  try {
    return await gitRemote({ url, provider, secret, proxy, namespace, serviceAccountName }, options)
  } catch (error) {
    if (error instanceof FeatureGateError) throw new Stall(reasons.featureGateDisabled, error.message)
    const isMisconfigured = error instanceof GitAccessError && error.code !== 'GIT_CREDENTIALS_INVALID'
    throw isMisconfigured ? invalid(error.message) : error
  }
}

async function readProxy(
  name: string,
  { cluster, namespace, signal }: SourceOptions & { readonly namespace: string },
): Promise<HttpProxy> {
  return proxyFromSecret(await readSecret(cluster, { namespace, name }, { signal }))
}

async function readCredentials(
  name: string,
  { cluster, namespace, signal }: SourceOptions & { readonly namespace: string },
): Promise<Secret> {
  try {
    return await readSecret(cluster, { namespace, name }, { signal })
  } catch (error) {
    // Flux names the Secret once.
    const cause = error instanceof ToolkitError && error.cause !== undefined ? error.cause : error
    throw new SourceError(`failed to get auth secret '${namespace}/${name}'`, { cause })
  }
}

function invalid(message: string): Stall {
  return new Stall(imageAutomationReasons.invalidSourceConfiguration, `${message}: ${invalidSource}`)
}
