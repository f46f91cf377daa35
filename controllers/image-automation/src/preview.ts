import type { Cluster } from '@sluice/cluster'
import type { GitClient, GitHubApps } from '@sluice/git'
import type { Clock, Crypto, Random } from '@sluice/ports'
import type { ImagePolicy, ImageUpdateAutomation } from '@sluice/toolkit'
import { selectPolicies } from './policies.ts'
import { propose, updateFiles } from './propose.ts'
import { checkOutSource } from './source/checkout.ts'
import { authorOf } from './source/push.ts'
import { resolveSource } from './source/source.ts'

/** A file that would change. */
export type FilePreview = { readonly path: string; readonly before: Uint8Array; readonly after: Uint8Array }

/** What a run of an automation would push. */
export type UpdatePreview = {
  readonly branch: string
  readonly refspec: string | undefined
  /** What the commit would go on top of. */
  readonly parent: string
  readonly author: { readonly name: string; readonly email: string }
  /** Absent when there is nothing to commit. */
  readonly message: string | undefined
  readonly files: readonly FilePreview[]
  /** Files with markers that cannot be updated. */
  readonly problemFiles: readonly string[]
}

export type PreviewOptions = {
  /** Of the automation's namespace. */
  readonly policies: readonly ImagePolicy[]
  /** Reads the GitRepository and Secrets. */
  readonly cluster: Cluster
  readonly git: GitClient
  readonly gitHubApps?: GitHubApps
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly signal: AbortSignal
}

/**
 * What an automation would commit now; nothing is pushed, and no status written.
 *
 * @throws {ToolkitError} as the run would fail
 */
export async function previewUpdate(
  object: ImageUpdateAutomation,
  options: PreviewOptions,
): Promise<UpdatePreview> {
  const { git, signal } = options
  const policies = selectPolicies(object, options.policies)
  const source = await resolveSource(object, options)
  const checkout = await checkOutSource(source, { git, signal })
  if (!checkout) throw new TypeError('a checkout without expectations gives something')
  const { base } = checkout
  const update = updateFiles(object, checkout, policies)
  return {
    branch: source.pushBranch,
    refspec: source.refspec,
    parent: base.commit.id,
    author: authorOf(object),
    message: update.changes.length > 0 ? propose(object, update, options).message : undefined,
    files: [...update.files].map(([path, after]) => ({ path, before: base.tree.read(path), after })),
    problemFiles: update.problemFiles,
  }
}
