import { type KustomizeOptions, kustomizationController } from '@sluice/kustomize-controller'
import {
  bucketDefinition,
  externalArtifactDefinition,
  gitRepositoryDefinition,
  kindDefinitions,
  kustomizationDefinition,
  ociRepositoryDefinition,
  resourceOf,
} from '@sluice/toolkit'
import type { ControllerSettings } from '../settings.ts'
import type { Compose } from './compose.ts'
import { accountsOf } from './parts.ts'

const sourceKinds = [
  gitRepositoryDefinition,
  ociRepositoryDefinition,
  bucketDefinition,
  externalArtifactDefinition,
]

export const composeKustomize: Compose = (manager, parts, settings) => {
  const { caches, clock, http, connect, surroundings } = parts
  manager.add(
    kustomizationController({
      caches,
      clock,
      http,
      connect,
      fetcher: parts.fetcher(),
      sourceKinds: sourceKinds.map(resourceOf),
      dependencyKinds: kindDefinitions.filter((it) => it !== kustomizationDefinition).map(resourceOf),
      ...(surroundings && { surroundings }),
      options: optionsOf(settings),
    }),
  )
}

function optionsOf({ flags, runtimeNamespace }: ControllerSettings): KustomizeOptions {
  const ageSecret = flags.text('sops-age-secret')
  return {
    requeueDependencyMs: flags.ms('requeue-dependency'),
    noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs'),
    ...accountsOf(flags),
    concurrentSsa: flags.number('concurrent-ssa'),
    overrideManagers: flags.list('override-manager'),
    customApplyStageKinds: flags
      .text('custom-apply-stage-kinds')
      .split(',')
      .flatMap((kind) => kind.trim() || []),
    watchConfigsLabelSelector: flags.text('watch-configs-label-selector'),
    ...(ageSecret !== '' && { sopsAgeSecret: { namespace: runtimeNamespace, name: ageSecret } }),
    gates: {
      strictPostBuildSubstitutions: flags.gate('StrictPostBuildSubstitutions'),
      failFast: !flags.gate('DisableFailFastBehavior'),
      cancelHealthCheckOnNewRevision: flags.gate('CancelHealthCheckOnNewRevision'),
      additiveCelDependencyCheck: flags.gate('AdditiveCELDependencyCheck'),
      objectLevelWorkloadIdentity: flags.gate('ObjectLevelWorkloadIdentity'),
      externalArtifact: flags.gate('ExternalArtifact'),
      disableConfigWatchers: flags.gate('DisableConfigWatchers'),
    },
  }
}
