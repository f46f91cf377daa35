import type { ProviderClusters } from '@sluice/access'
import { type Cluster, isApiError, type RemoteClusters, type Resource } from '@sluice/cluster'
import { type KubeObject, ToolkitError } from '@sluice/ports'
import type { KubeConfigReference, ToolkitObject } from '@sluice/toolkit'

/** The cluster to apply to cannot be reached as an object asks. */
export class TargetError extends ToolkitError {
  override readonly name = 'TargetError'

  constructor(message: string, options?: ErrorOptions) {
    super('TARGET_UNAVAILABLE', message, options)
  }
}

/** An object that says where, and with whose rights, it applies. */
export type TargetCluster = ToolkitObject & {
  readonly spec: { readonly kubeConfig?: KubeConfigReference; readonly serviceAccountName?: string }
}

export type TargetOptions = {
  readonly cluster: Cluster
  /** Reads what leads to the target. Default: `cluster`. */
  readonly configs?: Cluster | undefined
  /** Reaches other clusters. Without it `spec.kubeConfig` is refused. */
  readonly connect?: RemoteClusters | undefined
  /** Finds the clusters that ConfigMaps describe; made once a controller, since it keeps tokens. */
  readonly providers: ProviderClusters
  readonly defaultServiceAccount?: string | undefined
  readonly words: TargetWords
  readonly signal: AbortSignal
}

/** How a kind words what is wrong with a Secret, named as `namespace/name`. */
export type TargetWords = {
  /** The API server's answer is appended. */
  readonly unreadable: (secret: string) => string
  readonly noKey: (secret: string, key: string) => string
  readonly noUsualKey: (secret: string) => string
  readonly neither: string
  /** The reason is appended; it stands by itself when absent. */
  readonly unusable?: (secret: string) => string
}

/** Keys of a Secret that a kubeconfig may have; the first is looked at first. */
const usualKeys = ['value', 'value.yaml'] as const

const secrets: Resource = core('Secret', 'secrets')
const configMaps: Resource = core('ConfigMap', 'configmaps')
const serviceAccounts: Resource = core('ServiceAccount', 'serviceaccounts')

/**
 * The cluster that an object applies to, with the rights that it has there.
 *
 * @throws {TargetError}
 */
export async function targetCluster(object: TargetCluster, options: TargetOptions): Promise<Cluster> {
  const { kubeConfig } = object.spec
  const account = accountOf(object, options)
  const cluster = kubeConfig ? await remoteCluster(object, options) : options.cluster
  return account === undefined
    ? cluster
    : cluster.impersonate({ userName: `system:serviceaccount:${namespaceOf(object)}:${account}` })
}

/** Whether the account that an object acts as is still there; without one the controller itself acts. */
export async function canImpersonate(object: TargetCluster, options: TargetOptions): Promise<boolean> {
  const { kubeConfig } = object.spec
  const { cluster, signal } = options
  const namespace = namespaceOf(object)
  const account = accountOf(object, options)
  try {
    if (kubeConfig?.secretRef) {
      await cluster.get(secrets, { namespace, name: kubeConfig.secretRef.name }, { signal })
    }
    if (kubeConfig?.configMapRef) {
      await cluster.get(configMaps, { namespace, name: kubeConfig.configMapRef.name }, { signal })
    }
    if (account === undefined || kubeConfig) return true
    await cluster.get(serviceAccounts, { namespace, name: account }, { signal })
    return true
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false
    throw error
  }
}

function accountOf(
  { spec }: TargetCluster,
  { defaultServiceAccount }: Pick<TargetOptions, 'defaultServiceAccount'>,
): string | undefined {
  return (spec.serviceAccountName ?? defaultServiceAccount) || undefined
}

async function remoteCluster(object: TargetCluster, options: TargetOptions): Promise<Cluster> {
  const { connect, providers, words } = options
  const { secretRef, configMapRef } = object.spec.kubeConfig ?? {}
  const to = configMapRef
    ? await providers(await readDescription(configMapRef.name, object, options), namespaceOf(object), options)
    : secretRef && (await readKubeconfig(secretRef, object, options))
  if (to === undefined) throw new TargetError(words.neither)
  if (!connect) throw new TargetError('remote clusters are not available here')
  try {
    return await connect(to)
  } catch (cause) {
    if (!secretRef || !words.unusable) throw cause
    throw new TargetError(words.unusable(`${namespaceOf(object)}/${secretRef.name}`), { cause })
  }
}

type WithData = KubeObject & { readonly data?: Readonly<Record<string, string>> }

async function readKubeconfig(
  { name, key }: { readonly name: string; readonly key?: string },
  object: TargetCluster,
  { cluster, configs = cluster, words, signal }: TargetOptions,
): Promise<string> {
  const namespace = namespaceOf(object)
  const place = `${namespace}/${name}`
  let secret: WithData
  try {
    secret = await configs.get<WithData>(secrets, { namespace, name }, { signal })
  } catch (cause) {
    throw new TargetError(words.unreadable(place), { cause })
  }
  const { data = {} } = secret
  const encoded = key ? data[key] : usualKeys.map((usual) => data[usual]).find(Boolean)
  if (encoded) return Buffer.from(encoded, 'base64').toString('utf8')
  throw new TargetError(key ? words.noKey(place, key) : words.noUsualKey(place))
}

async function readDescription(
  name: string,
  object: TargetCluster,
  { cluster, configs = cluster, signal }: TargetOptions,
): Promise<Readonly<Record<string, string>>> {
  const namespace = namespaceOf(object)
  try {
    const map = await configs.get<WithData>(configMaps, { namespace, name }, { signal })
    return map.data ?? {}
  } catch (cause) {
    throw new TargetError(`failed to get configmap ${namespace}/${name}`, { cause })
  }
}

function namespaceOf({ metadata }: TargetCluster): string {
  return metadata.namespace ?? ''
}

function core(kind: string, plural: string): Resource {
  return { group: '', version: 'v1', kind, plural, namespaced: true }
}
