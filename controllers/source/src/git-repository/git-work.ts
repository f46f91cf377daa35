import type { GitCheckout, GitClient, GitHubApps, GitRemote } from '@sluice/git'
import type { FileTree } from '@sluice/ports'
import type { Run, Step } from '@sluice/runtime'
import type { Artifact, GitRepository } from '@sluice/toolkit'
import type { SourceDeps } from '../shared/source-deps.ts'

export type GitRepositoryDeps = SourceDeps & {
  readonly git: GitClient
  /** Without it, `spec.provider: github` is refused. */
  readonly gitHubApps?: GitHubApps
}

/** What one run works with; steps read and extend it, from the first to the last. */
export type GitWork = {
  readonly run: Run<GitRepository>
  readonly deps: GitRepositoryDeps
  remote?: GitRemote
  /** Artifacts of `spec.include`, in its order. */
  includes: readonly Artifact[]
  checkout?: Extract<GitCheckout, { readonly kind: 'checkedOut' }>
  /** What will be archived. */
  tree?: FileTree
  /** What the event says was stored. */
  summary: string
}

export type GitStep = Step<GitWork>
