import { type Cluster, isMissing, MissingError, type Resource } from '@sluice/cluster'
import {
  credentialsFor,
  type DockerConfig,
  type OciCredentials,
  type OciRepositoryName,
  parseDockerConfig,
} from '@sluice/oci'
import { readNamedSecret, readSecret, type Secret, SecretError, secretText } from './secret.ts'

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

type Options = PullSecrets & { readonly signal: AbortSignal }

/**
 * The credentials for a repository among the Secrets that are named; nothing when none is for it. Of two Secrets with the
 * same key the first counts, that of `secretRef` before those of the ServiceAccount.
 *
 * Source: fluxcd/pkg runtime/secrets, PullSecretsFromServiceAccountRef; go-containerregistry, pkg/authn/kubernetes.
 * @throws {SecretError | MissingError} when one of them cannot be read.
 */
export async function findRegistryCredentials(
  cluster: Cluster,
  { registry, repository }: OciRepositoryName,
  options: Options,
): Promise<OciCredentials | undefined> {
  const { namespace, secretRef, serviceAccountName, signal } = options
  const own = secretRef ? [await readSecret(cluster, { namespace, name: secretRef.name }, { signal })] : []
  const ofAccount =
    serviceAccountName === undefined ? [] : await pullSecretsOf(cluster, serviceAccountName, options)
  const merged = new Map<string, OciCredentials>()
  for (const [key, credentials] of [...own, ...ofAccount].flatMap((it) => [...dockerConfigIn(it)])) {
    if (!merged.has(key)) merged.set(key, credentials)
  }
  return credentialsFor(merged, registry, repository)
}

/** What a Secret in Docker's form has for a repository. */
export function credentialsIn(secret: Secret, name: OciRepositoryName): OciCredentials | undefined {
  return credentialsFor(dockerConfigIn(secret), name.registry, name.repository)
}

function dockerConfigIn(secret: Secret): DockerConfig {
  const text = secretText(secret, '.dockerconfigjson') ?? secretText(secret, '.dockercfg')
  return text === undefined ? new Map() : parseDockerConfig(text)
}

async function pullSecretsOf(
  cluster: Cluster,
  account: string,
  { namespace, signal }: Options,
): Promise<readonly Secret[]> {
  const names = await pullSecretNames(cluster, { namespace, name: account }, signal)
  return Promise.all(
    names.map(async (name) => {
      try {
        return await readNamedSecret(cluster, { namespace, name }, { signal })
      } catch (cause) {
        const message = `failed to get image pull secret for serviceaccount '${namespace}/${account}'`
        throw new SecretError(message, { cause })
      }
    }),
  )
}

async function pullSecretNames(
  cluster: Cluster,
  key: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const reference = `'${key.namespace}/${key.name}'`
  try {
    const account = await cluster.get(serviceAccounts, key, { signal })
    const { imagePullSecrets } = account as { readonly imagePullSecrets?: readonly { name?: string }[] }
    return (imagePullSecrets ?? []).flatMap((it) => (it.name === undefined ? [] : [it.name]))
  } catch (cause) {
    if (isMissing(cause)) throw new MissingError(`serviceaccount ${reference} not found`)
    throw new SecretError(`failed to get serviceaccount ${reference}`, { cause })
  }
}
