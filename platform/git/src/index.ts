/**
 * A Git client of our own: reads repositories over HTTP and SSH into memory, within bounds, and pushes commits.
 *
 * @example
 * const git = createGitClient({ http })
 * const result = await git.checkOut({ url }, { branch: 'main' }, { signal, timeoutMs: 60_000 })
 * if (result.kind === 'checkedOut') result.tree.list('')
 */
export type { GitRef } from './checkout.ts'
export {
  createGitClient,
  type GitCheckout,
  type GitCheckoutOptions,
  type GitClient,
  type GitClientOptions,
  type GitRemote,
} from './client.ts'
export { GitError, type GitErrorCode } from './git-error.ts'
export { createGitHubApps, type GitHubApp, type GitHubApps } from './github/github-apps.ts'
export type { Commit, Signature, Tag } from './objects/commit.ts'
export type { ObjectStore as GitObjects } from './pack/pack-reader.ts'
export type { HttpCredentials } from './protocol/http-connection.ts'
export type { ObjectFormat } from './protocol/refs.ts'
export type { GitChanges, GitFileChange } from './push/new-objects.ts'
export type { GitPush, GitPushed, GitPushTarget } from './push/push.ts'
export type { GitRefPush, KnownCommit } from './push/push-refs.ts'
export { commitOfRevision, formatRevision, transformRevision } from './revision.ts'
export {
  directoryUnder,
  type GitAccess,
  type GitServerOptions,
  gitHttpHandler,
} from './server/git-http-server.ts'
export { defaultGitBounds, type GitBounds } from './session.ts'
export { pgpSigner } from './signature/pgp-signer.ts'
export type { GitSigner } from './signature/signer.ts'
export { sshSigner } from './signature/ssh-signer.ts'
export { type TrustedKeys, verifyGitObject } from './signature/verify-object.ts'
export { isKeyEncrypted, type SshAlgorithms, type SshCredentials } from './ssh/ssh-connection.ts'
export { createSshKey, publicKeyOf, type SshKeyKind, scanHostKey } from './ssh/ssh-identity.ts'
