/**
 * The image reflector: reads the tags of image repositories and chooses one for each policy.
 *
 * @example
 * const tags = await fileTagStore('/data/tags')
 * imageReflectorControllers({ cluster, clock, http, tags }).addTo(manager)
 */
export type { ImageReflectorDeps } from './deps.ts'
export {
  type ImageReflectorControllers,
  type ImageReflectorOptions,
  imageReflectorControllers,
} from './image-reflector-controllers.ts'
export { imagePolicyController } from './policy/image-policy-controller.ts'
export { imageRepositoryController } from './repository/image-repository-controller.ts'
export { type ImageTags, readImageTags } from './repository/read-image-tags.ts'
export type { RegistryOptions } from './shared/registry.ts'
export { fileTagStore } from './tags/file-tag-store.ts'
export { memoryTagStore } from './tags/memory-tag-store.ts'
export type { TagChange, TagList } from './tags/tag-list.ts'
export type { TagStore } from './tags/tag-store.ts'
