import type { TargetOptions, TargetWords } from '@sluice/applier'
import type { KustomizeParts } from '../deps.ts'

const words: TargetWords = {
  unreadable: (secret) => `unable to read KubeConfig secret '${secret}' error`,
  noKey: (secret, key) => `KubeConfig secret '${secret}' does not contain a '${key}' key with a kubeconfig`,
  noUsualKey: (secret) =>
    `KubeConfig secret '${secret}' does not contain a 'value' nor 'value.yaml' key with a kubeconfig`,
  neither: 'exactly one of secretRef or configMapRef must be specified',
}

/** How the cluster to apply to is reached. */
export function targetOptions(
  { caches, connect, providers, options }: KustomizeParts,
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
