import { type TagList, tagList } from './tag-list.ts'
import type { TagStore } from './tag-store.ts'

/** Tags that are gone when the process ends. */
export function memoryTagStore(): TagStore {
  const lists = new Map<string, TagList>()
  return {
    get: (image) => Promise.resolve(lists.get(image)),
    set: (image, tags) => {
      const list = tagList(tags, lists.get(image))
      lists.set(image, list)
      return Promise.resolve(list)
    },
    delete: (image) => {
      lists.delete(image)
      return Promise.resolve()
    },
  }
}
