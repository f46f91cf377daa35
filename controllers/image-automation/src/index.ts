/**
 * Image automation: commits the images that policies chose to the places that ask for them with a marker.
 */
export type { ImageAutomationDeps } from './deps.ts'
