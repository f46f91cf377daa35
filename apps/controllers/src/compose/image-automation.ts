import { createCloudAccess } from '@sluice/access'
import { createGitHubApps } from '@sluice/git'
import { nodeCrypto, systemRandom } from '@sluice/host'
import { imageUpdateAutomationController } from '@sluice/image-automation-controller'
import type { Compose } from './compose.ts'
import { cloudOptions } from './parts.ts'

export const composeImageAutomation: Compose = (manager, parts, { flags }) => {
  const { caches, clock, http, surroundings } = parts
  const ways = { cluster: caches.cluster, http, clock }
  manager.add(
    imageUpdateAutomationController({
      caches,
      clock,
      git: parts.git(flags),
      gitHubApps: createGitHubApps({ http, clock }),
      ...(surroundings && {
        cloud: createCloudAccess({ ...cloudOptions(parts, flags), ...ways, surroundings }),
      }),
      random: systemRandom,
      crypto: nodeCrypto,
      options: { noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs') },
    }),
  )
}
