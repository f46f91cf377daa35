import { ImageError, type TreeUpdate, updateTree } from '@sluice/image'
import { ToolkitError } from '@sluice/ports'
import { ReconcileFailure } from '@sluice/runtime'
import { type ImageUpdateAutomation, imageAutomationReasons } from '@sluice/toolkit'
import type { ImageAutomationDeps } from './deps.ts'
import { messageOf } from './message.ts'
import type { SelectedPolicies } from './policies.ts'
import type { Checkout } from './source/checkout.ts'
import { Stall } from './stall.ts'

/** A commit that an automation would make. */
export type Proposal = TreeUpdate & { readonly message: string }

const { invalidUpdateStrategy, updateFailed, gitOperationFailed, removedTemplateField } =
  imageAutomationReasons

/**
 * What an automation would change in the files of a checkout.
 *
 * @throws {Stall} for an update strategy that there is not
 * @throws {ReconcileFailure} when the path to update is not there
 */
export function updateFiles(
  { spec }: ImageUpdateAutomation,
  { base }: Checkout,
  { images }: SelectedPolicies,
): TreeUpdate {
  const { strategy, path } = spec.update ?? {}
  if (!spec.update) throw new Stall(invalidUpdateStrategy, 'no update strategy')
  if (strategy !== 'Setters') {
    throw new Stall(invalidUpdateStrategy, `unsupported update strategy: ${strategy ?? ''}`)
  }
  try {
    return updateTree(base.tree, images, { path })
  } catch (cause) {
    if (!(cause instanceof ToolkitError)) throw cause
    throw new ReconcileFailure(updateFailed, 'failed to apply policies', { cause })
  }
}

/**
 * The commit with an update of files.
 *
 * @throws {Stall} when its message asks for what Flux took away
 * @throws {ReconcileFailure} when it cannot be rendered
 */
export function propose(
  object: ImageUpdateAutomation,
  update: TreeUpdate,
  deps: Pick<ImageAutomationDeps, 'clock' | 'random' | 'crypto'>,
): Proposal {
  try {
    return { ...update, message: messageOf(object, update.changes, deps) }
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    if (error.code === 'COMMIT_TEMPLATE_REMOVED_FIELD') throw new Stall(removedTemplateField, error.message)
    throw new ReconcileFailure(gitOperationFailed, 'failed to update source', { cause: error })
  }
}
