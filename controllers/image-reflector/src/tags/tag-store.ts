import type { TagList } from './tag-list.ts'

/** The tags of images, by the image's canonical name: as of the latest scan of any ImageRepository with that image. */
export interface TagStore {
  /** Nothing when the image has not been scanned, or when what was stored is damaged. */
  get(image: string): Promise<TagList | undefined>
  /** Replaces the tags of an image. They are there to stay when it returns. */
  set(image: string, tags: readonly string[]): Promise<TagList>
  /** Forgets an image. */
  delete(image: string): Promise<void>
}
