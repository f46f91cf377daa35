import { imageReflectorControllers } from '@sluice/image-reflector-controller'
import type { Compose } from './compose.ts'
import { cloudOptions, needed } from './parts.ts'

export const composeImageReflector: Compose = (manager, parts, { flags }) => {
  const { caches, clock, http } = parts
  imageReflectorControllers({
    ...cloudOptions(parts, flags),
    cluster: caches.cluster,
    clock,
    http,
    tags: needed(parts.tags, 'a store for tags'),
    noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs'),
    requeueDependencyMs: flags.ms('requeue-dependency'),
  }).addTo(manager)
}
