import type { Manager } from '@sluice/runtime'
import type { ImageReflectorDeps } from './deps.ts'
import { imagePolicyController } from './policy/image-policy-controller.ts'
import { imageRepositoryController } from './repository/image-repository-controller.ts'

/** Both controllers of the image reflector, as one process runs them. */
export type ImageReflectorControllers = { readonly addTo: (manager: Manager) => void }

export function imageReflectorControllers(deps: ImageReflectorDeps): ImageReflectorControllers {
  return {
    addTo: (manager) => {
      manager.add(imageRepositoryController(deps))
      manager.add(imagePolicyController(deps))
    },
  }
}
