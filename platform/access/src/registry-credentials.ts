import type { Cluster, Resource } from '@sluice/cluster'
import { credentialsFor, type OciCredentials, type OciRepositoryName, parseDockerConfig } from '@sluice/oci'
import { readSecret, type Secret, SecretError, secretText } from './secret.ts'

const serviceAccounts: Resource = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
}

/** Where credentials for a registry are looked for. */
export type PullSecrets = {
  readonly namespace: string
  readonly secretRef?: { readonly name: string } | undefined
  /** Its `imagePullSecrets` count too. */
  readonly serviceAccountName?: string | undefined
}

/** The credentials for a repository among the Secrets that are named; nothing when none is for it. */
export async function findRegistryCredentials(
  cluster: Cluster,
  repository: OciRepositoryName,
  { namespace, secretRef, serviceAccountName, signal }: PullSecrets & { readonly signal: AbortSignal },
): Promise<OciCredentials | undefined> {
  const names = [
    ...(secretRef ? [secretRef.name] : []),
    ...(serviceAccountName === undefined ? [] : await pullSecretsOf(serviceAccountName)),
  ]
  for (const name of names) {
    // The first Secret with something for this registry counts.
    const found = credentialsIn(await readSecret(cluster, { namespace, name }, { signal }), repository)
    if (found) return found
  }
  return undefined

  async function pullSecretsOf(name: string): Promise<readonly string[]> {
    try {
      const account = await cluster.get(serviceAccounts, { namespace, name }, { signal })
      const { imagePullSecrets } = account as { readonly imagePullSecrets?: readonly { name?: string }[] }
      return (imagePullSecrets ?? []).flatMap((it) => (it.name === undefined ? [] : [it.name]))
    } catch (cause) {
      throw new SecretError(`failed to get serviceaccount '${namespace}/${name}'`, { cause })
    }
  }
}

/** What a Secret in Docker's form has for a repository. */
export function credentialsIn(secret: Secret, name: OciRepositoryName): OciCredentials | undefined {
  const text = secretText(secret, '.dockerconfigjson') ?? secretText(secret, '.dockercfg')
  return text === undefined
    ? undefined
    : credentialsFor(parseDockerConfig(text), name.registry, name.repository)
}
