import { join } from 'node:path'
import { fileTagStore, type TagStore } from '@sluice/image-reflector-controller'
import type { ControllerSettings } from '../settings.ts'

/**
 * Where artifacts are kept; nothing where no controller makes some. Tags of images have a directory beside them when one
 * process keeps both.
 */
export function artifactDirectory(settings: readonly ControllerSettings[]): string | undefined {
  const storing = storingController(settings)
  if (!storing) return undefined
  const path = storing.flags.text('storage-path')
  return reflector(settings) ? join(path, 'artifacts') : path
}

/** The store for tags of images, where the image reflector runs. */
export async function openTags(settings: readonly ControllerSettings[]): Promise<TagStore | undefined> {
  const reflecting = reflector(settings)
  if (!reflecting) return undefined
  const path = reflecting.flags.text('storage-path')
  return fileTagStore(storingController(settings) ? join(path, 'tags') : path)
}

function storingController(settings: readonly ControllerSettings[]): ControllerSettings | undefined {
  return settings.find(({ flags }) => flags.has('storage-addr'))
}

function reflector(settings: readonly ControllerSettings[]): ControllerSettings | undefined {
  return settings.find(({ name }) => name === 'image-reflector-controller')
}
