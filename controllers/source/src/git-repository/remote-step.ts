import {
  FeatureGateError,
  GitAccessError,
  gitRemote,
  proxyFromSecret,
  readNamedSecret,
  readSecret,
  type Secret,
} from '@sluice/access'
import type { GitRemote } from '@sluice/git'
import type { HttpProxy } from '@sluice/ports'
import { type Outcome, ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, reasons, sourceReasons } from '@sluice/toolkit'
import { urlProblem } from '../shared/url-problem.ts'
import type { GitStep, GitWork } from './git-work.ts'

const condition = conditionTypes.fetchFailed
const { authenticationFailed, invalidProviderConfiguration, urlInvalid } = sourceReasons

/** Puts together how the repository is reached: address, credentials, certificates, proxy. */
export const configureRemote: GitStep = async (work) => {
  const { url } = work.run.object.spec
  const proxy = await readProxy(work)
  const problem = urlProblem(url)
  if (problem !== undefined) return stall(work, urlInvalid, `failed to parse url '${url}': ${problem}`)
  const secret = await readCredentials(work)
  const remote = await remoteOf(work, { secret, proxy })
  if ('kind' in remote) return remote
  work.remote = remote
  return undefined
}

type Stalled = Extract<Outcome, { readonly kind: 'stalled' }>

function stall({ run }: GitWork, reason: string, message: string): Stalled {
  run.conditions.markTrue(condition, reason, message)
  return { kind: 'stalled', reason, message }
}

async function readProxy({ run, deps }: GitWork): Promise<HttpProxy | undefined> {
  const { proxySecretRef } = run.object.spec
  if (!proxySecretRef) return undefined
  try {
    const key = { namespace: run.key.namespace, name: proxySecretRef.name }
    return proxyFromSecret(await readNamedSecret(deps.cluster, key, run))
  } catch (cause) {
    throw new ReconcileFailure(authenticationFailed, 'failed to configure proxy options', {
      condition,
      cause,
    })
  }
}

async function readCredentials({ run, deps }: GitWork): Promise<Secret | undefined> {
  const { secretRef } = run.object.spec
  if (!secretRef) return undefined
  const key = { namespace: run.key.namespace, name: secretRef.name }
  try {
    return await readSecret(deps.cluster, key, run)
  } catch (cause) {
    const message = `failed to get secret '${key.namespace}/${key.name}'`
    throw new ReconcileFailure(authenticationFailed, message, { condition, cause })
  }
}

async function remoteOf(
  work: GitWork,
  secrets: { readonly secret: Secret | undefined; readonly proxy: HttpProxy | undefined },
): Promise<GitRemote | Stalled> {
  const { run, deps } = work
  const { gitHubApps, cloud } = deps
  const { url, provider, serviceAccountName } = run.object.spec
  const { kind } = run.object
  const owner = { kind, ...run.key }
  const access = { url, provider, serviceAccountName, namespace: run.key.namespace, owner, ...secrets }
  try {
    return await gitRemote(access, { gitHubApps, cloud, signal: run.signal })
  } catch (error) {
    if (error instanceof FeatureGateError) return stall(work, reasons.featureGateDisabled, error.message)
    if (!(error instanceof GitAccessError)) throw error
    const { message, cause } = error
    if (error.code === 'GIT_SECRET_REQUIRED') return stall(work, invalidProviderConfiguration, message)
    const reason = error.code === 'GIT_PROVIDER_INVALID' ? invalidProviderConfiguration : authenticationFailed
    throw new ReconcileFailure(reason, message, { condition, ...(cause !== undefined && { cause }) })
  }
}
