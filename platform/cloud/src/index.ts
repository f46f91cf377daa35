/**
 * Who a program is to Amazon, Azure and Google: credentials of the machine, of a pod and of ServiceAccounts, exchanged over
 * plain HTTP, without any SDK.
 *
 * @example
 * const logins = createCloudLogins({ http, clock, surroundings })
 * const { username, password } = await logins.registry('aws', '1.dkr.ecr.eu-west-1.amazonaws.com', controllerIdentity, call)
 */
export { type AwsCredentials, encodeRfc3986, type SigningOptions, signAws } from './aws/sign.ts'
export { type AwsScope, awsAlgorithm, awsScope, awsSignature } from './aws/signature.ts'
export { type AzureClient, azureClientToken } from './azure/client-token.ts'
export type { CloudCall, CloudIdentity, CloudProvider, CloudSurroundings } from './cloud-call.ts'
export { CloudError } from './cloud-error.ts'
export { type CloudLogins, controllerIdentity, createCloudLogins } from './cloud-logins.ts'
export type { ClusterEndpoint, ClusterLogin, ClusterQuestion } from './clusters/cluster-login.ts'
export {
  type GoogleServiceAccount,
  parseServiceAccount,
  serviceAccountToken,
} from './gcp/service-account-key.ts'
export type { GitCloudProvider, GitLogin } from './git-login.ts'
export type { RegistryLogin } from './registry-login.ts'
export type { TokenCacheObserver, TokenCacheOptions, TokenOwner } from './token-cache.ts'
export { xmlElements, xmlText } from './xml.ts'
