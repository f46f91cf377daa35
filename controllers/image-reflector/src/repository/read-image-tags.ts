import type { ImageRepository } from '@sluice/toolkit'
import { imageRegistry, type RegistryOptions } from '../shared/registry.ts'
import { type TagList, tagList } from '../tags/tag-list.ts'
import { excludeTags } from './exclude-tags.ts'
import { exclusionsOf } from './scan-due.ts'

/** Tags as policies see them, read at this moment. */
export type ImageTags = {
  readonly list: TagList
  /** How many were left out, and by which regular expressions. */
  readonly excluded: number
  readonly exclusions: readonly string[]
}

/**
 * Reads the tags of an ImageRepository's image as its controller does, without keeping them: for tools that explain.
 *
 * @throws what reading Secrets, the registry and the exclusions throw.
 */
export async function readImageTags(
  repository: ImageRepository,
  options: RegistryOptions,
): Promise<ImageTags> {
  const registry = await imageRegistry(repository, options)
  const all = await registry.listTags()
  const exclusions = exclusionsOf(repository)
  const tags = excludeTags(all, exclusions)
  return { list: tagList(tags), excluded: all.length - tags.length, exclusions }
}
