/**
 * How places outside are reached: credentials, certificates and proxies, as Secrets and ServiceAccounts hold them.
 *
 * @example
 * const key = { namespace: 'apps', name: 'registry-tls' }
 * const tls = tlsFromSecret(await readSecret(cluster, key, { signal }))
 */
export { type AuthMethods, authMethodsFromSecret } from './auth-methods.ts'
export {
  type CloudAccess,
  type CloudAccessOptions,
  type CloudLogin,
  createCloudAccess,
  FeatureGateError,
} from './cloud/cloud-access.ts'
export { ClusterAccessError } from './clusters/cluster-access-error.ts'
export type { ProviderOptions } from './clusters/described-cluster.ts'
export { type ProviderClusters, providerClusters } from './clusters/provider-clusters.ts'
export {
  type GitAccess,
  GitAccessError,
  type GitAccessErrorCode,
  type GitAccessOptions,
  gitRemote,
} from './git-remote.ts'
export { proxyFromSecret } from './proxy.ts'
export { credentialsIn, findRegistryCredentials, type PullSecrets } from './registry-credentials.ts'
export { readNamedSecret, readSecret, type Secret, SecretError, secretText } from './secret.ts'
export { type TlsOptions, tlsFromSecret } from './tls-secret.ts'
