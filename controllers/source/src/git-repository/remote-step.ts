import { proxyFromSecret, readSecret, type Secret, SecretError, secretText } from '@sluice/access'
import { type GitHubApp, type GitRemote, isKeyEncrypted } from '@sluice/git'
import { type HttpProxy, type HttpTls, ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { conditionTypes, sourceReasons } from '@sluice/toolkit'
import type { GitStep, GitWork } from './git-work.ts'

const condition = conditionTypes.fetchFailed
const { authenticationFailed, invalidProviderConfiguration, urlInvalid } = sourceReasons

/** Puts together how the repository is reached: address, credentials, certificates, proxy. */
export const configureRemote: GitStep = async (work) => {
  const { url, provider = 'generic' } = work.run.object.spec
  const proxy = await readProxy(work)
  if (!URL.canParse(url)) {
    const message = `failed to parse url '${url}'`
    work.run.conditions.markTrue(condition, urlInvalid, message)
    return { kind: 'stalled', reason: urlInvalid, message }
  }
  const secret = await readCredentials(work)
  if (provider === 'github') {
    work.remote = await gitHubRemoteOf(work, { secret, proxy })
    return undefined
  }
  if (provider !== 'generic') throw misconfigured(`provider '${provider}' is not available`)
  if (secret?.data.has('githubAppID')) {
    throw misconfigured(
      `secretRef '${secret.reference}' has github app data but provider is not set to github`,
    )
  }
  const remote = url.startsWith('ssh:') ? await sshRemoteOf(url, secret) : remoteOf(url, secret)
  work.remote = { ...remote, ...(proxy ? { proxy } : {}) }
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

/** Source: FEATURES of Flux 2.9, §10; fluxcd/pkg git options. */
function remoteOf(url: string, secret: Secret | undefined): GitRemote {
  if (!secret) return { url }
  const tls = tlsOf(secret)
  const token = secretText(secret, 'bearerToken')
  if (token !== undefined) return { url, ...tls, credentials: { kind: 'bearer', token } }
  const inUrl = new URL(url)
  const username = secretText(secret, 'username') ?? decodeURIComponent(inUrl.username)
  const password = secretText(secret, 'password') ?? decodeURIComponent(inUrl.password)
  if (password !== '' && username === '') {
    const scheme = inUrl.protocol.slice(0, -1)
    throw unusable(`invalid '${scheme}' auth option: 'password' requires 'username' to be set`)
  }
  return { url, ...tls, ...(username === '' ? {} : { credentials: { kind: 'basic', username, password } }) }
}

async function sshRemoteOf(url: string, secret: Secret | undefined): Promise<GitRemote> {
  const identity = secret && secretText(secret, 'identity')
  const knownHosts = secret && secretText(secret, 'known_hosts')
  const passphrase = secret && secretText(secret, 'password')
  if (identity === undefined) throw unusable("invalid 'ssh' auth option: 'identity' is required")
  if (knownHosts === undefined) throw unusable("invalid 'ssh' auth option: 'known_hosts' is required")
  if (passphrase === undefined && (await isKeyEncrypted(identity))) {
    throw new ReconcileFailure(
      authenticationFailed,
      "SSH identity key is encrypted but no 'password' field was provided in the secret " +
        `'${secret?.reference ?? ''}'`,
      { condition },
    )
  }
  return { url, ssh: { identity, knownHosts, ...(passphrase === undefined ? {} : { passphrase }) } }
}

async function gitHubRemoteOf(
  { run, deps }: GitWork,
  { secret, proxy }: { readonly secret: Secret | undefined; readonly proxy: HttpProxy | undefined },
): Promise<GitRemote> {
  if (!secret?.data.has('githubAppID')) {
    throw misconfigured('secretRef with github app data must be specified when provider is set to github')
  }
  if (!deps.gitHubApps) throw misconfigured("provider 'github' is not available")
  const installationOwner = secretText(secret, 'githubAppInstallationOwner')
  const installationId = secretText(secret, 'githubAppInstallationID')
  const baseUrl = secretText(secret, 'githubAppBaseURL')
  const tls = tlsOf(secret)
  const app: GitHubApp = {
    appId: secretText(secret, 'githubAppID') ?? '',
    privateKey: secretText(secret, 'githubAppPrivateKey') ?? '',
    ...(installationOwner === undefined ? {} : { installationOwner }),
    ...(installationId === undefined ? {} : { installationId }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(proxy ? { proxy } : {}),
    ...tls,
  }
  try {
    const password = await deps.gitHubApps.token(app, run)
    return {
      url: run.object.spec.url,
      credentials: { kind: 'basic', username: 'x-access-token', password },
      ...(proxy ? { proxy } : {}),
      ...tls,
    }
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    const message = 'failed to configure authentication options'
    throw new ReconcileFailure(authenticationFailed, message, { condition, cause })
  }
}

function misconfigured(message: string): ReconcileFailure {
  return new ReconcileFailure(invalidProviderConfiguration, message, { condition })
}

function unusable(why: string): ReconcileFailure {
  return new ReconcileFailure(authenticationFailed, 'failed to configure authentication options', {
    condition,
    cause: new SecretError(why),
  })
}

function tlsOf(secret: Secret): { readonly tls?: HttpTls } {
  const ca = secretText(secret, 'ca.crt') ?? secretText(secret, 'caFile')
  const certificate = secretText(secret, 'tls.crt')
  const key = secretText(secret, 'tls.key')
  if (ca === undefined && (certificate === undefined || key === undefined)) return {}
  return {
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    },
  }
}
