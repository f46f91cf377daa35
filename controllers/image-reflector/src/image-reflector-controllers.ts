import { createCloudAccess } from '@sluice/access'
import type { CloudSurroundings, TokenCacheOptions } from '@sluice/cloud'
import type { Manager } from '@sluice/runtime'
import type { ImageReflectorDeps } from './deps.ts'
import { imagePolicyController } from './policy/image-policy-controller.ts'
import { imageRepositoryController } from './repository/image-repository-controller.ts'

/** What both controllers together work with. */
export type ImageReflectorOptions = Omit<ImageReflectorDeps, 'cloud'> & {
  /** What the program itself may log in to clouds with; without it their providers are refused. */
  readonly surroundings?: CloudSurroundings | undefined
  /** Who logs in where an object names nobody; needs the feature gate. The program itself when absent. */
  readonly defaultServiceAccount?: string
  /** How tokens of clouds are kept. */
  readonly tokens?: TokenCacheOptions
}

/** Both controllers of the image reflector, as one process runs them. */
export type ImageReflectorControllers = { readonly addTo: (manager: Manager) => void }

export function imageReflectorControllers(options: ImageReflectorOptions): ImageReflectorControllers {
  const { surroundings } = options
  const deps = { ...options, ...(surroundings && { cloud: createCloudAccess({ ...options, surroundings }) }) }
  return {
    addTo: (manager) => {
      manager.add(imageRepositoryController(deps))
      // A policy that comes with its repository says that there are no tags yet, as in Flux, and has them a moment later.
      manager.add(imagePolicyController(deps), { newObjectDelayMs: 0 })
    },
  }
}
