import { CloudError } from '../cloud-error.ts'
import type { AwsCredentials } from './sign.ts'
import { awsScope, awsSignature } from './signature.ts'

/** What CodeCommit takes as the name and password of a Git repository over HTTPS. */
export type CodeCommitLogin = { readonly username: string; readonly password: string }

/** The region in the address of a repository. @throws {CloudError} when it is no address of CodeCommit. */
export function codeCommitRegion(url: string): string {
  const { protocol, hostname, host } = new URL(url)
  if (protocol !== 'https:') throw new CloudError('AWS CodeCommit authentication requires an HTTPS Git URL')
  const region = /^git-codecommit(?:-fips)?\.([^.]+)\.(?:.*\.)?amazonaws\.com(?:\.cn)?$/.exec(hostname)?.[1]
  if (region === undefined) throw new CloudError(`invalid AWS CodeCommit Git URL: ${host}`)
  return region
}

/**
 * A login to one repository: the password is the signature of a request for it, which AWS takes for some minutes.
 *
 * Source: https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-git-remote-codecommit.html
 * @param now milliseconds since the epoch
 * @throws {CloudError} when `url` is no address of CodeCommit.
 */
export function codeCommitLogin(
  url: string,
  { accessKey, secretKey, sessionToken }: AwsCredentials,
  now: number,
): CodeCommitLogin {
  const { host, pathname } = new URL(url)
  const scope = awsScope(now, codeCommitRegion(url), 'codecommit')
  // What is signed names the moment without its zone; the password names both. There is no body to hash.
  const time = scope.time.replace(/Z$/, '')
  const canonical = ['GIT', pathname, '', `host:${host}`, '', 'host', ''].join('\n')
  return {
    username: sessionToken === undefined ? accessKey : `${accessKey}%${sessionToken}`,
    password: `${scope.time}${awsSignature(canonical, { ...scope, time }, secretKey)}`,
  }
}
