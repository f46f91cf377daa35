import { ApiError } from '@sluice/cluster'
import type { Run } from '@sluice/runtime'
import { type ImageRepository, imageRepositoryDefinition, resourceOf } from '@sluice/toolkit'
import type { ImageReflectorDeps } from '../deps.ts'

const imageRepositories = resourceOf(imageRepositoryDefinition)

/** Forgets the tags of an image unless another ImageRepository has the same image: they share them. */
export async function releaseTags(
  name: string,
  run: Run<ImageRepository>,
  { cluster, tags }: ImageReflectorDeps,
): Promise<void> {
  try {
    const { items } = await cluster.list<ImageRepository>(imageRepositories, { signal: run.signal })
    const { uid } = run.object.metadata
    const isHeld = items.some(
      ({ metadata, status }) =>
        metadata.uid !== uid &&
        metadata.deletionTimestamp === undefined &&
        status?.canonicalImageName === name,
    )
    if (!isHeld) await tags.delete(name)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Tags that nobody needs do no harm; an object that cannot be deleted does.
    run.log.error(error, 'the tags of an image are kept')
  }
}
