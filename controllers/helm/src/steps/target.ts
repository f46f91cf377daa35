import { type TargetOptions, type TargetWords, targetCluster } from '@sluice/applier'
import { errorChain } from '@sluice/ports'
import type { HelmParts } from '../deps.ts'
import { helmReasons } from '../reasons.ts'
import { type HelmStep, notReady, overcome } from '../work.ts'

const words: TargetWords = {
  unreadable: (secret) => `could not get KubeConfig secret '${secret}'`,
  noKey: (secret, key) => `KubeConfig secret '${secret}' does not contain a '${key}' key with data`,
  noUsualKey: (secret) =>
    `KubeConfig secret '${secret}' does not contain a 'value' or 'value.yaml' key with data`,
  unusable: (secret) => `failed to load KubeConfig from secret '${secret}'`,
  neither: 'exactly one of .spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be set',
}

/** How the cluster to release to is reached. */
export function targetOptions(
  { caches, connect, providers, options }: HelmParts,
  { signal, configs }: Pick<TargetOptions, 'signal' | 'configs'>,
): TargetOptions {
  return {
    cluster: caches.cluster,
    configs,
    connect,
    providers,
    defaultServiceAccount: options?.defaultServiceAccount,
    words,
    signal,
  }
}

/** Reaches the cluster to release to, with the HelmRelease's own rights. */
export const reachTarget: HelmStep = async (work) => {
  const { run, object, deps } = work
  try {
    work.target = await targetCluster(
      object,
      targetOptions(deps, { signal: run.signal, configs: work.configs }),
    )
  } catch (error) {
    run.signal.throwIfAborted()
    return notReady(work, helmReasons.restClientError, errorChain(error), { kind: 'backoff', error })
  }
  overcome(work, helmReasons.restClientError)
  return undefined
}
