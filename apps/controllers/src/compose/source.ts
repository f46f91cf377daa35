import { sourceControllers } from '@sluice/source-controller'
import type { Compose } from './compose.ts'
import { cloudOptions, needed } from './parts.ts'

export const composeSource: Compose = (manager, parts, { flags }) => {
  const { caches, http, clock } = parts
  sourceControllers({
    ...cloudOptions(parts, flags),
    cluster: caches.cluster,
    git: parts.git(flags),
    http,
    clock,
    store: needed(parts.store, 'a store for artifacts'),
    requeueDependencyMs: flags.ms('requeue-dependency'),
    helmIndexMaxBytes: flags.number('helm-index-max-size'),
    helmChartMaxBytes: flags.number('helm-chart-max-size'),
    helmChartFileMaxBytes: flags.number('helm-chart-file-max-size'),
  }).addTo(manager)
}
