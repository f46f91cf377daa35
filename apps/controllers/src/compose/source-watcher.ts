import { artifactGeneratorController } from '@sluice/source-controller'
import type { Compose } from './compose.ts'
import { needed } from './parts.ts'

export const composeSourceWatcher: Compose = (manager, parts, { flags }) => {
  manager.add(
    artifactGeneratorController({
      cluster: parts.caches.cluster,
      store: needed(parts.store, 'a store for artifacts'),
      fetcher: parts.fetcher(),
      noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs'),
      requeueDependencyMs: flags.ms('requeue-dependency'),
    }),
  )
}
