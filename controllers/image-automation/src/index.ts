/**
 * Image automation: commits the images that policies chose to the places that ask for them with a marker.
 *
 * @example
 * manager.add(imageUpdateAutomationController({ caches: manager.caches, clock, git, random, crypto }))
 */
export type { ImageAutomationDeps, ImageAutomationOptions } from './deps.ts'
export { imageUpdateAutomationController } from './image-update-automation-controller.ts'
export {
  type FilePreview,
  type PreviewOptions,
  previewUpdate,
  type UpdatePreview,
} from './preview.ts'
