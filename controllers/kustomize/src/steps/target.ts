import { type Cluster, isApiError } from '@sluice/cluster'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import type { Kustomization } from '@sluice/toolkit'

/** The cluster to apply to cannot be reached as the Kustomization asks. */
export class TargetError extends ToolkitError {
  override readonly name = 'TargetError'

  constructor(message: string, options?: ErrorOptions) {
    super('TARGET_UNAVAILABLE', message, options)
  }
}

export type TargetOptions = {
  readonly cluster: Cluster
  readonly connect: ((kubeconfig: string) => Promise<Cluster>) | undefined
  readonly defaultServiceAccount: string | undefined
  readonly signal: AbortSignal
}

/** Keys of a Secret that a kubeconfig may have; the first is looked at first. */
const usualKeys = ['value', 'value.yaml'] as const

/**
 * The cluster that a Kustomization applies to, with the rights that it has there.
 *
 * @throws {TargetError}
 */
export async function targetCluster(object: Kustomization, options: TargetOptions): Promise<Cluster> {
  const { kubeConfig, serviceAccountName = options.defaultServiceAccount } = object.spec
  const namespace = object.metadata.namespace ?? ''
  const cluster = kubeConfig ? await remoteCluster(object, options) : options.cluster
  return serviceAccountName
    ? cluster.impersonate({ userName: `system:serviceaccount:${namespace}:${serviceAccountName}` })
    : cluster
}

/** Whether the account that a Kustomization acts as is still there; without one the controller itself acts. */
export async function canImpersonate(object: Kustomization, options: TargetOptions): Promise<boolean> {
  const { kubeConfig, serviceAccountName = options.defaultServiceAccount } = object.spec
  const { cluster, signal } = options
  const namespace = object.metadata.namespace ?? ''
  try {
    if (kubeConfig?.secretRef) await readSecret(kubeConfig.secretRef.name, namespace, options)
    if (!serviceAccountName || kubeConfig) return true
    const resource = await cluster.resourceFor('v1', 'ServiceAccount', { signal })
    await cluster.get(resource, { namespace, name: serviceAccountName }, { signal })
    return true
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false
    throw error
  }
}

async function remoteCluster(object: Kustomization, options: TargetOptions): Promise<Cluster> {
  const { connect, cluster, signal } = options
  const { secretRef, configMapRef } = object.spec.kubeConfig ?? {}
  const namespace = object.metadata.namespace ?? ''
  if (configMapRef) {
    const map = await readConfigMap(configMapRef.name, namespace, { cluster, signal })
    throw new TargetError(`provider '${map.data?.['provider'] ?? ''}' not implemented`)
  }
  if (!secretRef) throw new TargetError('exactly one of secretRef or configMapRef must be specified')
  const kubeconfig = await readKubeconfig(secretRef, namespace, options)
  if (!connect) throw new TargetError('remote clusters are not available here')
  return await connect(kubeconfig)
}

async function readKubeconfig(
  { name, key }: { readonly name: string; readonly key?: string },
  namespace: string,
  options: TargetOptions,
): Promise<string> {
  const { data = {} } = await readSecretForUse(name, namespace, options)
  const encoded = key ? data[key] : usualKeys.map((usual) => data[usual]).find(Boolean)
  if (encoded) return Buffer.from(encoded, 'base64').toString('utf8')
  throw new TargetError(
    key
      ? `KubeConfig secret '${namespace}/${name}' does not contain a '${key}' key with a kubeconfig`
      : `KubeConfig secret '${namespace}/${name}' does not contain a 'value' nor 'value.yaml' key with a kubeconfig`,
  )
}

type WithData = KubeObject & { readonly data?: Readonly<Record<string, string>> }

async function readSecretForUse(name: string, namespace: string, options: TargetOptions): Promise<WithData> {
  try {
    return await readSecret(name, namespace, options)
  } catch (cause) {
    throw new TargetError(`unable to read KubeConfig secret '${namespace}/${name}' error`, { cause })
  }
}

async function readSecret(
  name: string,
  namespace: string,
  { cluster, signal }: TargetOptions,
): Promise<WithData> {
  const resource = await cluster.resourceFor('v1', 'Secret', { signal })
  return await cluster.get<WithData>(resource, { namespace, name }, { signal })
}

async function readConfigMap(
  name: string,
  namespace: string,
  { cluster, signal }: { readonly cluster: Cluster; readonly signal: AbortSignal },
): Promise<WithData> {
  try {
    const resource = await cluster.resourceFor('v1', 'ConfigMap', { signal })
    return await cluster.get<WithData>(resource, { namespace, name }, { signal })
  } catch (cause) {
    throw new TargetError(`failed to get configmap ${namespace}/${name}`, { cause })
  }
}
