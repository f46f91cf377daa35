/**
 * The image reflector: reads the tags of image repositories and chooses one for each policy.
 */
export type { ImageReflectorDeps } from './deps.ts'
