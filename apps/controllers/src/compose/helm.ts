import { availableParallelism } from 'node:os'
import { createArtifactFetcher } from '@sluice/artifact'
import { chartCache } from '@sluice/chart'
import {
  type HelmOptions,
  helmReleaseController,
  releaseClients,
  rendererHere,
  rendererInWorkers,
  renderWorker,
} from '@sluice/helm-controller'
import { hostCompression, nodeCrypto, systemRandom, workerPool } from '@sluice/host'
import { helmReleaseDefinition, kindDefinitions, resourceOf } from '@sluice/toolkit'
import type { FlagValues } from '../flags/flag-values.ts'
import type { Compose } from './compose.ts'
import { accountsOf } from './parts.ts'

export const composeHelm: Compose = (manager, parts, { flags }) => {
  const { caches, clock, http, connect, surroundings, rewriteUrl } = parts
  const ports = { clock, random: systemRandom, crypto: nodeCrypto }
  const charts = chartCache({ compression: hostCompression, ports })
  // As many as there are reconcilers, and processors for them. Threads are started as they are needed.
  const size = Math.max(1, Math.min(availableParallelism(), flags.number('concurrent')))
  const renderers = workerPool({ module: renderWorker, clock, size })
  parts.onClose(() => renderers.close())
  const render = rendererInWorkers(renderers, rendererHere({ ports, templates: charts.templates }))
  manager.add(
    helmReleaseController({
      caches,
      clock,
      http,
      connect,
      charts,
      // Charts are kept as they are loaded: there is nothing to share with who unpacks artifacts.
      fetcher: createArtifactFetcher({
        http,
        timeoutMs: flags.ms('http-timeout'),
        ...(rewriteUrl && { rewriteUrl }),
      }),
      openRelease: releaseClients({ clock, render, caches }),
      dependencyKinds: kindDefinitions.filter((it) => it !== helmReleaseDefinition).map(resourceOf),
      ...(surroundings && { surroundings }),
      options: optionsOf(flags),
    }),
  )
}

function optionsOf(flags: FlagValues): HelmOptions {
  return {
    requeueDependencyMs: flags.ms('requeue-dependency'),
    noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs'),
    ...accountsOf(flags),
    watchConfigsLabelSelector: flags.text('watch-configs-label-selector'),
    overrideManagers: flags.list('override-manager'),
    gates: {
      additiveCelDependencyCheck: flags.gate('AdditiveCELDependencyCheck'),
      objectLevelWorkloadIdentity: flags.gate('ObjectLevelWorkloadIdentity'),
      externalArtifact: flags.gate('ExternalArtifact'),
      defaultToRetryOnFailure: flags.gate('DefaultToRetryOnFailure'),
      disableChartDigestTracking: flags.gate('DisableChartDigestTracking'),
      disableConfigWatchers: flags.gate('DisableConfigWatchers'),
      directSourceFetch: flags.gate('DirectSourceFetch'),
      useHelm3Defaults: flags.gate('UseHelm3Defaults'),
      cancelHealthCheckOnNewRevision: flags.gate('CancelHealthCheckOnNewRevision'),
    },
  }
}
