import type { CodeCommitLogin } from './aws/codecommit.ts'
import { codeCommitLogin, codeCommitRegion } from './aws/codecommit.ts'
import type { AwsCredentials } from './aws/sign.ts'
import { CloudError } from './cloud-error.ts'

/** Clouds that have Git repositories: Azure DevOps and AWS CodeCommit. */
export type GitCloudProvider = 'azure' | 'aws'

/** What a cloud's Git server takes. */
export type GitLogin =
  | { readonly kind: 'bearer'; readonly token: string }
  | ({ readonly kind: 'basic' } & CodeCommitLogin)

/** How to come by what a login is made of. */
export type GitLoginSource = {
  readonly azureToken: (scope: string) => Promise<string>
  readonly awsCredentials: (region: string) => Promise<AwsCredentials>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Source: https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity */
const devOpsScope = '499b84ac-1321-427f-aa17-267ca6975798/.default'

/** A login to a Git repository of a cloud. @throws {CloudError} */
export async function gitLogin(
  provider: GitCloudProvider,
  url: string,
  { azureToken, awsCredentials, now }: GitLoginSource,
): Promise<GitLogin> {
  if (provider === 'azure') {
    return { kind: 'bearer', token: await granted(() => azureToken(devOpsScope)) }
  }
  const region = codeCommitRegion(url)
  const credentials = await granted(() => awsCredentials(region))
  return { kind: 'basic', ...codeCommitLogin(url, credentials, now()) }
}

async function granted<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw new CloudError('failed to get access token for Git repository', { cause })
  }
}
