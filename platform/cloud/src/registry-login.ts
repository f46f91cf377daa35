import { ecrLogin, isEcr } from './aws/ecr.ts'
import { acrLogin, isAcr } from './azure/acr.ts'
import type { CloudCall, CloudIdentity, CloudProvider } from './cloud-call.ts'
import { CloudError } from './cloud-error.ts'
import { gcpToken } from './gcp/gcp-token.ts'

/** A name and a password for a registry, and when they end in milliseconds since the epoch. */
export type RegistryLogin = {
  readonly username: string
  readonly password: string
  readonly expiresAt: number
}

const gcrHosts = /(?:^|\.)gcr\.io$|\.pkg\.dev$/

/** Logs in to a cloud's registry. @throws {CloudError} when the host is none of the provider's. */
export async function registryLogin(
  provider: CloudProvider,
  host: string,
  { identity, call }: { readonly identity: CloudIdentity; readonly call: CloudCall },
): Promise<RegistryLogin> {
  const isOwn = { aws: isEcr, azure: isAcr, gcp: (it: string) => gcrHosts.test(it) }[provider]
  // A token is shown to nobody else.
  if (!isOwn(host)) throw new CloudError(`registry '${host}' is not one of provider '${provider}'`)
  switch (provider) {
    case 'aws':
      return ecrLogin(host, identity, call)
    case 'azure':
      return acrLogin(host, identity, call)
    case 'gcp': {
      const { token, expiresAt } = await gcpToken(identity, call)
      return { username: 'oauth2accesstoken', password: token, expiresAt }
    }
  }
}
