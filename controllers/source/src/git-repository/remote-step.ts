import { GitAccessError, gitRemote, proxyFromSecret, readSecret, type Secret } from '@sluice/access'
import type { GitRemote } from '@sluice/git'
import type { HttpProxy } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, sourceReasons } from '@sluice/toolkit'
import type { GitStep, GitWork } from './git-work.ts'

const condition = conditionTypes.fetchFailed
const { authenticationFailed, invalidProviderConfiguration, urlInvalid } = sourceReasons

/** Puts together how the repository is reached: address, credentials, certificates, proxy. */
export const configureRemote: GitStep = async (work) => {
  const { url } = work.run.object.spec
  const proxy = await readProxy(work)
  if (!URL.canParse(url)) {
    const message = `failed to parse url '${url}'`
    work.run.conditions.markTrue(condition, urlInvalid, message)
    return { kind: 'stalled', reason: urlInvalid, message }
  }
  const secret = await readCredentials(work)
  work.remote = await remoteOf(work, { secret, proxy })
  return undefined
}

async function readProxy({ run, deps }: GitWork): Promise<HttpProxy | undefined> {
  const { proxySecretRef } = run.object.spec
  if (!proxySecretRef) return undefined
  try {
    const key = { namespace: run.key.namespace, name: proxySecretRef.name }
    return proxyFromSecret(await readSecret(deps.cluster, key, run))
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
  { run, deps }: GitWork,
  secrets: { readonly secret: Secret | undefined; readonly proxy: HttpProxy | undefined },
): Promise<GitRemote> {
  const { url, provider } = run.object.spec
  try {
    return await gitRemote({ url, provider, ...secrets }, { gitHubApps: deps.gitHubApps, signal: run.signal })
  } catch (error) {
    if (!(error instanceof GitAccessError)) throw error
    const reason = error.code === 'GIT_PROVIDER_INVALID' ? invalidProviderConfiguration : authenticationFailed
    const { message, cause } = error
    throw new ReconcileFailure(reason, message, { condition, ...(cause !== undefined && { cause }) })
  }
}
